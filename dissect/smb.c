#include "dissect/smb.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/ntlm.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pipe.h"
#include "dissect/probe.h"
#include "dissect/smb1.h"
#include "dissect/smb2.h"
#include "dissect/smb_framer.h"
#include "dissect/smb_message.h"

/* A request whose answer is waited for. */
struct waiting {
	enum smb_kind kind; /* SMB_OTHER: a free place */
	uint64_t id;
	struct pipe_key key;
};

struct tree {
	uint64_t session;
	uint32_t id;
	bool known; /* a free place otherwise */
	bool for_pipes;
};

struct smb;

struct smb_side {
	struct smb *smb;
	int from;
	bool at_start; /* of a stretch: nothing of it has come */
	struct pipe_key
	    key; /* of the command last read: what its stretch goes through, and what a compound goes on with */
	struct smb_framer framer;
};

struct smb {
	struct assoc_env *env; /* borrowed */
	struct pipes pipes;
	struct smb_side side[2];
	struct waiting waiting[SMB_WAITING];
	struct tree tree[SMB_TREES];
	unsigned next_waiting, next_tree; /* the places to use next */
	uint64_t sealed;                  /* messages, since that was last said ... */
	struct where sealed_at;           /* ... and the packet of the first of them */
};

#define SEALED_EVERY_NS (60 * NS_PER_S)

/* What is known of requests and trees. */

/* That of an earlier request with this id, which is over, or a free one; NULL where there is none. Commands that SMB 1 chains share
 * their id. */
static struct waiting *
place_of(struct smb *smb, const struct smb_message *m)
{
	struct waiting *unused = NULL;

	for (int i = 0; i < SMB_WAITING; i++) {
		struct waiting *w = &smb->waiting[i];

		if (w->kind == SMB_OTHER)
			unused = unused != NULL ? unused : w;
		else if (w->id == m->id && (!m->related || w->kind == m->kind))
			return w;
	}
	return unused;
}

static void
await(struct smb *smb, const struct smb_message *m, const struct pipe_key *key)
{
	struct waiting *w = place_of(smb, m);

	if (w == NULL) {
		w = &smb->waiting[smb->next_waiting];
		smb->next_waiting = (smb->next_waiting + 1) % SMB_WAITING;
	}
	*w = (struct waiting){.kind = m->kind, .id = m->id, .key = *key};
}

/* The request that ${m} answers, or is a later part of; NULL where it was not seen. */
static struct waiting *
awaited(struct smb *smb, const struct smb_message *m)
{
	for (int i = 0; i < SMB_WAITING; i++) {
		struct waiting *w = &smb->waiting[i];

		if (w->kind == m->kind && w->kind != SMB_OTHER && w->id == m->id)
			return w;
	}
	return NULL;
}

static const struct tree *
find_tree(const struct smb *smb, const struct smb_message *m)
{
	for (int i = 0; i < SMB_TREES; i++) {
		const struct tree *t = &smb->tree[i];

		if (t->known && t->id == m->tree && t->session == m->session)
			return t;
	}
	return NULL;
}

static void
note_tree(struct smb *smb, const struct smb_message *m)
{
	const struct tree *known = find_tree(smb, m);
	unsigned place = known != NULL ? (unsigned)(known - smb->tree) : smb->next_tree;

	if (known == NULL)
		smb->next_tree = (smb->next_tree + 1) % SMB_TREES;
	smb->tree[place] = (struct tree){
	    .session = m->session, .id = m->tree, .known = true, .for_pipes = m->for_pipes};
}

/* Files of a share that is known to be none of pipes do not matter. */
static bool
is_of_disk(const struct smb *smb, const struct smb_message *m)
{
	const struct tree *t = find_tree(smb, m);

	return t != NULL && !t->for_pipes;
}

/* Requests. */

/* What the command speaks of. In a compound that may be what the one before it spoke of. */
static struct pipe_key
key_of(const struct smb_side *side, const struct smb_message *m, bool shares)
{
	if (m->related && m->kind != SMB_OPEN)
		return side->key;
	return (struct pipe_key){.session = shares ? m->session : 0,
	    .open_id = m->id,
	    .file = m->file,
	    .file_known = m->file_known};
}

static size_t
stretch_of(struct smb_side *side, const struct smb_message *m, size_t *at)
{
	side->at_start = true;
	*at = m->data_at;
	return m->data_len;
}

/* Later parts of a transaction name no file. */
static void
follow_transaction(struct smb_side *side, const struct smb_message *m)
{
	const struct waiting *w = m->file_known ? NULL : awaited(side->smb, m);

	if (w != NULL)
		side->key = w->key;
	else
		await(side->smb, m, &side->key);
}

static size_t
take_request(struct smb_side *side, const struct smb_message *m, size_t *at)
{
	struct smb *smb = side->smb;

	if (is_of_disk(smb, m))
		return 0;
	switch (m->kind) {
	case SMB_OPEN:
		if (m->text != NULL &&
		    pipes_add(&smb->pipes, &side->key, m->text, m->text_len, m->wide) != NULL)
			await(smb, m, &side->key);
		return 0;
	case SMB_CLOSE:
	case SMB_READ:
		await(smb, m, &side->key);
		return 0;
	case SMB_TRANSACT:
		follow_transaction(side, m);
		return stretch_of(side, m, at);
	case SMB_WRITE:
		return stretch_of(side, m, at);
	default:
		return 0;
	}
}

/* Responses. */

static void
take_names(struct smb *smb, const struct smb_message *m)
{
	struct obs obs = pipes_obs(&smb->pipes, OBS_NAMES);

	if (m->text != NULL &&
	    ntlm_challenge_names(m->text, m->text_len, smb->env->out, &obs.names))
		obs_queue_push(smb->env->out, &obs);
}

/* What a compound asked of a file that had no number yet was asked of this one. */
static void
give_number(struct pipe_key *key, const struct pipe_key *opened, const struct smb_file *file)
{
	if (key->file_known || key->session != opened->session || key->open_id != opened->open_id)
		return;
	key->file = *file;
	key->file_known = true;
}

static void
take_opened(struct smb *smb, const struct pipe_key *opened, const struct smb_message *m)
{
	if (m->failed) {
		pipes_end(&smb->pipes, opened);
		return;
	}
	pipes_opened(&smb->pipes, opened, &m->file);
	for (int i = 0; i < SMB_WAITING; i++)
		give_number(&smb->waiting[i].key, opened, &m->file);
	for (int i = 0; i < 2; i++)
		give_number(&smb->side[i].key, opened, &m->file);
}

/* A response to what was asked by ${w}. SMB 1 may answer a transaction in parts, so that stays. */
static size_t
take_answer(struct smb_side *side, struct waiting *w, const struct smb_message *m, size_t *at)
{
	struct smb *smb = side->smb;
	struct waiting asked = *w;

	if (m->kind != SMB_TRANSACT || asked.key.session != 0)
		w->kind = SMB_OTHER;
	side->key = asked.key;
	switch (m->kind) {
	case SMB_OPEN:
		take_opened(smb, &asked.key, m);
		return 0;
	case SMB_CLOSE:
		pipes_end(&smb->pipes, &asked.key);
		return 0;
	case SMB_READ:
	case SMB_TRANSACT:
		return m->failed ? 0 : stretch_of(side, m, at);
	default:
		return 0;
	}
}

static size_t
take_response(struct smb_side *side, const struct smb_message *m, size_t *at)
{
	struct waiting *w;

	if (m->interim)
		return 0;
	if (m->kind == SMB_TREE && !m->failed)
		note_tree(side->smb, m);
	if (m->kind == SMB_LOGON)
		take_names(side->smb, m);
	w = awaited(side->smb, m);
	if (w != NULL)
		return take_answer(side, w, m, at);
	/* It may have been a pipe's, whose next bytes then do not follow those before. */
	if (m->data_len != 0 && !is_of_disk(side->smb, m))
		pipes_lost(&side->smb->pipes, side->from);
	return 0;
}

/* Only one side sends requests. False where a message contradicts what is known. */
static bool
settle_roles(struct smb_side *side, bool response)
{
	struct pipes *pipes = &side->smb->pipes;
	int client = response ? 1 - side->from : side->from;

	if (pipes->client < 0)
		pipes->client = client;
	return pipes->client == client;
}

static size_t
take_message(struct smb_side *side, const struct smb_message *m, bool shares, size_t *at)
{
	if (m->kind == SMB_OTHER || !settle_roles(side, m->response))
		return 0;
	if (m->response)
		return take_response(side, m, at);
	side->key = key_of(side, m, shares);
	return take_request(side, m, at);
}

/* The framer's calls. */

static size_t
want(void *ctx, const struct smb_command *command, const uint8_t *start, size_t have)
{
	(void)ctx;
	return command->protocol == SMB_2 ? smb2_extent(start, have)
					  : smb1_extent(start, have, command->size);
}

static size_t
take_smb2(struct smb_side *side, const uint8_t *start, size_t have, size_t *at)
{
	struct smb_message m;

	if (smb2_parse(start, have, &m) != ERR_OK) {
		side->smb->env->stats->rpc.malformed++;
		return 0;
	}
	return take_message(side, &m, true, at);
}

/* What data there are belongs to the last of a chain. */
static size_t
take_smb1(struct smb_side *side, const uint8_t *start, size_t have, size_t *at)
{
	struct smb_message m[SMB1_COMMANDS];
	bool broken;
	size_t count = smb1_parse(start, have, m, &broken), len = 0;

	side->smb->env->stats->rpc.malformed += broken;
	for (size_t i = 0; i < count; i++)
		len = take_message(side, &m[i], false, at);
	return len;
}

static size_t
take_command(
    void *ctx, const struct smb_command *command, const uint8_t *start, size_t have, size_t *at)
{
	struct smb_side *side = ctx;

	return command->protocol == SMB_2 ? take_smb2(side, start, have, at)
					  : take_smb1(side, start, have, at);
}

/* Bytes go through a pipe, or through what may be one that was not seen to be opened. */
static void
stretch(void *ctx, const uint8_t *data, size_t len)
{
	struct smb_side *side = ctx;
	struct pipes *pipes = &side->smb->pipes;
	struct pipe *pipe = pipes_find(pipes, &side->key);
	bool begins = side->at_start && data != NULL && probe_prefix(data, len);

	side->at_start = false;
	if (pipe == NULL && begins && side->key.file_known)
		pipe = pipes_add(pipes, &side->key, NULL, 0, false);
	if (pipe != NULL)
		pipes_data(pipes, pipe, side->from, data, len);
}

static void
sealed(void *ctx)
{
	struct smb *smb = ((struct smb_side *)ctx)->smb;

	smb->env->stats->rpc.sealed++;
	if (smb->sealed++ == 0)
		smb->sealed_at = *smb->env->now;
}

static void
lost(void *ctx)
{
	struct smb_side *side = ctx;
	struct pipes *pipes = &side->smb->pipes;

	pipes_lost(pipes, side->from);
	if (side->from == pipes->client)
		pipes_lost(pipes,
		    1 - side->from); /* whose answers to what was lost will not be known as such */
}

static const struct smb_framer_sink sink = {want, take_command, stretch, sealed, lost};

/* The carrier's calls. */

static void
smb_data(void *self, int from, const uint8_t *data, size_t len)
{
	struct smb *smb = self;

	smb_framer_data(&smb->side[from].framer, data, len);
}

static void
smb_gap(void *self, int from, uint32_t missing)
{
	struct smb *smb = self;

	smb_framer_gap(&smb->side[from].framer, missing);
}

static void
smb_doubt(void *self, int from)
{
	struct smb *smb = self;

	pipes_doubt(&smb->pipes, from);
}

static uint32_t
smb_indifference(const void *self, int from)
{
	const struct smb *smb = self;

	return smb_framer_indifference(&smb->side[from].framer);
}

static void
report_sealed(struct smb *smb)
{
	struct obs obs;

	if (smb->sealed == 0 || smb->pipes.client < 0)
		return;
	obs = pipes_obs(&smb->pipes, OBS_SEALED);
	obs.at = smb->sealed_at;
	obs.sealed.calls = smb->sealed;
	smb->sealed = 0;
	obs_queue_push(smb->env->out, &obs);
}

static void
smb_expire(void *self, const struct patience *patience)
{
	struct smb *smb = self;

	pipes_expire(&smb->pipes, patience);
	if (patience_is_over(patience, SEALED_EVERY_NS, smb->sealed_at.ts_ns))
		report_sealed(smb);
}

static void
smb_finish(void *self)
{
	struct smb *smb = self;

	pipes_finish(&smb->pipes);
	report_sealed(smb);
}

static bool
smb_is_rpc(const void *self)
{
	const struct smb *smb = self;

	return pipes_are_rpc(&smb->pipes);
}

static bool
smb_is_hopeless(const void *self, bool idle)
{
	const struct smb *smb = self;

	for (int i = 0; i < 2; i++) {
		if (smb->side[i].framer.proven)
			return false;
	}
	return idle || smb->side[0].framer.state == SMB_LOST ||
	       smb->side[1].framer.state == SMB_LOST;
}

static void
smb_free(void *self)
{
	struct smb *smb = self;
	struct budget *budget = smb->env->budget;

	pipes_free(&smb->pipes);
	for (int i = 0; i < 2; i++)
		smb_framer_deinit(&smb->side[i].framer);
	free(smb);
	budget_give(budget, sizeof(*smb));
}

static bool
is_smb_port(uint16_t port)
{
	return port == SMB_PORT || port == SMB_NETBIOS_PORT;
}

bool
smb_is_expected(const struct carrier_ends *ends)
{
	return !ends->env->no_smb &&
	       (is_smb_port(ends->side[0].port) || is_smb_port(ends->side[1].port));
}

/* On its ports a few bytes are enough, or what NetBIOS says before the first message. */
static bool
smb_begins(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	if (ends->env->no_smb)
		return false;
	if (probe_smb(data, len))
		return true;
	if (!smb_is_expected(ends))
		return false;
	return (data[0] & 0x80) != 0 ? data[0] >= 0x81 && data[0] <= 0x85
				     : data[0] == 0 && len < PROBE_BYTES;
}

/* Where nobody saw who opened it, the port tells. */
static int
client_of(const struct carrier_ends *ends)
{
	bool first = is_smb_port(ends->side[0].port), second = is_smb_port(ends->side[1].port);

	if (ends->client >= 0 || first == second)
		return ends->client;
	return first ? 1 : 0;
}

static int
smb_open(void **self, const struct carrier_ends *ends)
{
	struct smb *smb;

	if (!budget_take(ends->env->budget, sizeof(*smb)))
		return ERR_CAP;
	smb = calloc(1, sizeof(*smb));
	if (smb == NULL) {
		budget_give(ends->env->budget, sizeof(*smb));
		return -ENOMEM;
	}
	smb->env = ends->env;
	smb->pipes = (struct pipes){
	    .env = ends->env, .client = client_of(ends), .realm = ends->env->now->realm};
	for (int i = 0; i < 2; i++) {
		struct smb_side *side = &smb->side[i];

		smb->pipes.side[i] = ends->side[i];
		side->smb = smb;
		side->from = i;
		smb_framer_init(&side->framer, &sink, side, ends->env->budget, ends->env->stats);
	}
	*self = smb;
	return ERR_OK;
}

static const struct carrier_ops smb_ops = {smb_data, smb_gap, smb_doubt, smb_indifference,
    smb_expire, smb_finish, smb_is_rpc, smb_is_hopeless, smb_free, NULL};

const struct carrier_kind smb_carrier = {&smb_ops, smb_begins, smb_open};
