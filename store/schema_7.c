/* schema_7.c - sessions are written far more often than the oldest of them are looked for, which a walk over all finds. */
#include "store/schema_steps.h"

/* clang-format off */
const char schema_7[] =
	"DROP INDEX session_seen;";
/* clang-format on */
