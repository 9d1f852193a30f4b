#include "capture/kernel_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "capture/prefilter.h"

/* Have the kernel run this program from now on, instead of what it has. */
static int
attach(const struct kernel_filter *f, struct sock_filter *code, size_t count)
{
	struct sock_fprog program = {.len = (unsigned short)count, .filter = code};

	if (count > BPF_MAXINSNS)
		return ERR_CAP;
	if (setsockopt(f->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
		return -errno;
	return 0;
}

/* Pass ${bytes} of every packet; 0 rejects all. */
static int
attach_constant(const struct kernel_filter *f, uint32_t bytes)
{
	struct sock_filter code = {.code = BPF_RET | BPF_K, .k = bytes};

	return attach(f, &code, 1);
}

/* The user's filter alone, or none. */
static int
attach_user(const struct kernel_filter *f)
{
	return f->user_count > 0 ? attach(f, f->user, f->user_count)
				 : attach_constant(f, f->snaplen);
}

/* Let pass all that the user wants. */
static int
attach_bare(struct kernel_filter *f)
{
	int err = f->bare ? 0 : attach_user(f);

	f->bare = err == 0;
	return err;
}

/* While a filter replaces another, both count against net.core.optmem_max. Where that is too little, the one
 * that is replaced goes first, for the user's alone. */
static int
attach_prefilter(struct kernel_filter *f, const struct prefilter *p, struct bpf_code *code)
{
	int err = prefilter_build(p, code);

	if (err == ERR_OK)
		err = attach(f, code->code, code->count);
	if (err == -ENOMEM && !f->bare && attach_bare(f) == 0)
		err = attach(f, code->code, code->count);
	if (err == ERR_OK)
		f->bare = false;
	return err;
}

/* With so many ports that they do not fit, all TCP passes. If that does not fit either, everything does that
 * the user wants. */
int
kernel_filter_learn(struct kernel_filter *f, const uint16_t *port, size_t count)
{
	struct prefilter p = {
	    .user = f->user,
	    .user_count = f->user_count,
	    .port = port,
	    .ports = count,
	    .snaplen = f->snaplen,
	};
	struct bpf_code *code = malloc(sizeof(*code));
	int err;

	if (code == NULL)
		return -ENOMEM;
	err = attach_prefilter(f, &p, code);
	if (err == ERR_CAP || err == -ENOMEM) {
		p.all_tcp = true;
		err = attach_prefilter(f, &p, code);
	}
	free(code);
	return err == -ENOMEM ? attach_bare(f) : err;
}

int
kernel_filter_reject_all(const struct kernel_filter *f)
{
	return attach_constant(f, 0);
}

int
kernel_filter_pass_wanted(struct kernel_filter *f)
{
	return attach_bare(f);
}

int
kernel_filter_set_user(struct kernel_filter *f, const struct sock_filter *code, size_t count)
{
	free(f->user);
	f->user_count = 0;
	f->user = calloc(count, sizeof(*code));
	if (f->user == NULL)
		return -ENOMEM;
	memcpy(f->user, code, count * sizeof(*code));
	f->user_count = count;
	return ERR_OK;
}

void
kernel_filter_deinit(struct kernel_filter *f)
{
	free(f->user);
	f->user = NULL;
	f->user_count = 0;
}
