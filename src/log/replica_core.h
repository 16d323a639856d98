/*
 * One replica of a partition as a pure state machine: leader or follower, by rules L1-L9, L11, L12.
 *
 * It knows no log, network, clock or control store. Who drives it (log/replica.c, the simulator)
 * tells it facts and does what it says:
 *
 *   facts                                      what it answers
 *   replica_decide     a state of the key      PERSIST: make its epoch durable, then replica_begin
 *   replica_begin      that epoch is durable   LEAD: append a marker batch; FOLLOW: start fetching
 *   replica_log_is     start, end, flushed     the watermark may have moved
 *   replica_on_fetch   leader: a fetch         what to answer; the watermark may have moved
 *   replica_propose    leader: look at lags    a state to write by compare-and-set on its version
 *   replica_proposed   it was written          (a later replica_decide says the same)
 *   replica_fetch_make follower                the request to send
 *   replica_on_answer  follower                append, truncate, begin anew, or stop the process
 *
 * Between PERSIST and replica_begin it neither leads nor follows. A proposal whose fate is unknown
 * is written again as it is, until it is known: its success, or a state with a higher version.
 *
 * Epoch ends come from the log's table (log_epoch_end), since the machine does not keep a second
 * one: `epoch_end` of an epoch is where its last batch ends, for the last epoch the log's end.
 */
#ifndef WEIR_LOG_REPLICA_CORE_H
#define WEIR_LOG_REPLICA_CORE_H

#include "log/partition_core.h"

enum replica_role {
    REPLICA_IDLE = 0, /* nobody leads, or an epoch is not durable yet */
    REPLICA_FOLLOWER,
    REPLICA_LEADER,
};

/* What the log looks like. flushed <= end; last_epoch is that of the last batch, -1: there is none.
 */
struct replica_log {
    int64_t start, end, flushed;
    int32_t last_epoch;
};

struct replica_self {
    uint32_t node;
    uint64_t incarnation;
    struct disk_id disk;
};

/* A follower as its leader knows it in this epoch. */
struct replica_progress {
    bool heard;
    uint64_t incarnation;
    struct disk_id disk;
    uint64_t request;   /* the highest number seen from this incarnation */
    int64_t flushed;    /* it has everything below, durably (L1) */
    int64_t end_before; /* the leader's end when it last fetched */
    int64_t heard_ms;   /* its last fetch */
    int64_t caught_ms;  /* when it last had everything that was there at the fetch before */
    bool joining;       /* not in sync but nearly: the watermark waits for it */
};

struct replica_core {
    struct replica_self self;
    enum replica_role role;
    struct partition_state state; /* the newest decision; version 0: none yet */
    int32_t epoch_acted;          /* the highest epoch made durable (L12); -1: none */
    bool begin_due;               /* PERSIST was answered and replica_begin has not come */
    struct replica_log log;
    int64_t high_watermark; /* only grows, but with a new log (replica_init) */

    /* leader */
    int64_t epoch_start; /* end of the log when this epoch began: where its marker lies */
    struct replica_progress progress[REPLICAS_MAX]; /* by the index of state.replicas */
    bool proposing;
    struct partition_state proposal;

    /* follower */
    uint64_t request_last;
    bool request_out;
    int64_t leader_watermark; /* as last told in this epoch */
};

/* epoch_acted and high_watermark as they were kept; -1 and log->start where nothing was. */
void replica_init(struct replica_core *r, const struct replica_self *self,
                  const struct replica_log *log, int32_t epoch_acted, int64_t high_watermark);
/* The node registered anew (its registration was lost): nothing granted before counts. The newest
 * state is to be told again by replica_decide. */
void replica_reborn(struct replica_core *r, uint64_t incarnation);

enum replica_step {
    REPLICA_KEEP,    /* nothing to do; the role may have become IDLE (look at it) */
    REPLICA_PERSIST, /* make state.epoch durable as acted under, then replica_begin(state.epoch) */
    REPLICA_LEAD,    /* of replica_begin: now leader; a marker batch of the epoch is to be appended
                        if the log is not empty (L8) */
    REPLICA_FOLLOW,  /* now follower of state.leader */
};
enum replica_step replica_decide(struct replica_core *r, const struct partition_state *s);
enum replica_step replica_begin(struct replica_core *r, int32_t epoch_durable);

void replica_log_is(struct replica_core *r, const struct replica_log *log);

/* --- leader --- */

enum replica_error {
    REPLICA_OK = 0,
    REPLICA_NOT_LEADER,   /* Kafka's NOT_LEADER_OR_FOLLOWER */
    REPLICA_FENCED,       /* FENCED_LEADER_EPOCH: the asker's epoch is older */
    REPLICA_UNKNOWN,      /* UNKNOWN_LEADER_EPOCH: it is newer than ours */
    REPLICA_STALE,        /* an older life of the node, or no replica at all */
    REPLICA_OUT_OF_RANGE, /* the follower must begin anew at the leader's start */
    REPLICA_DIVERGED,     /* its log is not a prefix of ours */
    REPLICA_TOO_FEW,      /* NOT_ENOUGH_REPLICAS */
};

struct replica_fetch { /* L4 */
    uint32_t node;
    uint64_t incarnation;
    struct disk_id disk;
    uint64_t request;
    int32_t epoch;
    int64_t offset;     /* its end, all of it flushed (L1) */
    int32_t last_epoch; /* of its last batch; -1: it has none */
};

struct replica_answer {
    uint64_t request;
    int32_t epoch;
    enum replica_error error;
    int64_t high_watermark;
    int64_t start;
    int32_t diverged_epoch; /* DIVERGED: the leader's greatest epoch <= the asked one, -1: none */
    int64_t diverged_end;   /* and where that ends */
};

/* epoch_found, epoch_end: the log's table asked for f->last_epoch. OK: bytes from f->offset may be
 * sent with the answer. */
void replica_on_fetch(struct replica_core *r, const struct replica_fetch *f, int32_t epoch_found,
                      int64_t epoch_end, int64_t now_ms, struct replica_answer *out);

/* Whether a batch may be appended: OK, NOT_LEADER, or TOO_FEW (acks=all only). */
enum replica_error replica_may_append(const struct replica_core *r, bool acks_all);

enum replica_ack {
    REPLICA_ACK_WAIT,
    REPLICA_ACK_DONE, /* L3: the watermark passed it */
    REPLICA_ACK_LOST, /* this epoch is over: it may be there or not */
};
/* Of a batch appended in `epoch` whose last offset is `offset`. */
enum replica_ack replica_ack(const struct replica_core *r, int32_t epoch, int64_t offset);

/* Whether readers may trust the watermark as the newest (KIP-207): it has passed the epoch's start.
 */
bool replica_settled(const struct replica_core *r);

/* Looks at the followers; true: r->proposal is to be written by compare-and-set on its version.
 * Also true, with the same proposal, while the last one's fate is unknown. */
bool replica_propose(struct replica_core *r, int64_t now_ms, int64_t lag_ms_max);
/* The proposal with this base version was written as `version`. When compare-and-set said no, the
 * key is read and told by replica_decide; till then the proposal stays pending, since it may be
 * what is there (its first answer may have been lost). */
void replica_proposed(struct replica_core *r, uint64_t base_version, uint64_t version);

/* --- follower --- */

/* False: not a follower, or the log is not flushed to its end. */
bool replica_fetch_make(struct replica_core *r, struct replica_fetch *out);

enum replica_action_kind {
    REPLICA_IGNORE,   /* not the answer to the outstanding request */
    REPLICA_RETRY,    /* later, by what is known then */
    REPLICA_APPEND,   /* the batches that came with it (maybe none), then replica_log_is */
    REPLICA_TRUNCATE, /* everything from `offset` on goes, then replica_log_is, then fetch again */
    REPLICA_ANEW,     /* the whole log goes; it starts at `offset` */
    REPLICA_STOP,     /* committed records would be cut: stop the process */
};
struct replica_action {
    enum replica_action_kind kind;
    int64_t offset;
    int64_t start; /* APPEND: the leader's log start; ours may move up to it */
};
/* own_epoch_end: where our log's greatest epoch <= a->diverged_epoch ends (its start if none);
 * looked at for DIVERGED only. */
struct replica_action replica_on_answer(struct replica_core *r, const struct replica_answer *a,
                                        int64_t own_epoch_end);
/* The request got no answer and will get none that counts. */
void replica_fetch_lost(struct replica_core *r);

#endif
