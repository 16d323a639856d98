/*
 * Planted bugs: places in the pure machines (`*_core.c`) where the simulator can make them wrong,
 * to see that it notices. Only a program that is built with WEIR_BUGS has them; everywhere else
 * BUG(n) is the constant false and leaves nothing behind.
 */
#ifndef WEIR_BASE_BUG_H
#define WEIR_BASE_BUG_H

#include <stdbool.h>

enum bug {
    BUG_NONE = 0,
    /* log/replica_core.c */
    BUG_ACK_BEFORE_FLUSH = 1,  /* L1: the leader counts what it has not flushed */
    BUG_TRUNCATE_TO_WATERMARK, /* L5: divergence cuts down to the watermark */
    BUG_GRANT_NO_INCARNATION,  /* 3.3: leadership is taken for whatever life of the node */
    BUG_NO_REQUEST_NUMBER,     /* L4: a follower obeys any answer */
    BUG_PENDING_NOT_COUNTED,   /* L6: an added member does not hold the watermark */
    BUG_REMOVED_NOT_COUNTED,   /* L6: a removed one is forgotten before that is committed */
    BUG_WATERMARK_BELOW_MIN,   /* L2: the watermark moves with too few members */
    BUG_FETCH_NO_EPOCH,        /* L4: a leader answers fetches of any epoch */
    BUG_FETCH_NO_IDENTITY,     /* L4: a wiped or restarted node passes for its old self */
    BUG_FETCH_NO_DIVERGENCE,   /* L5: logs are not compared */
    BUG_EPOCH_FORGOTTEN,       /* L12: an epoch older than the one acted under is obeyed */
    BUG_ADD_BEFORE_CAUGHT_UP,  /* L6: a member is added while it lacks committed records */
    BUG_ACK_WITHOUT_WATERMARK, /* L3: acks=all does not wait */
    /* log/partition_core.c */
    BUG_ELECT_ANYBODY = 32,   /* L7: a leader from outside the two sets */
    BUG_ELECT_LOST_DISK,      /* L7: a changed disk stays in the sets */
    BUG_ELECT_SAME_EPOCH,     /* a new leader without a new epoch */
    BUG_ELIGIBLE_NOT_CLEARED, /* L7: old members stay eligible when the set is whole again */
    /* sched/attempt_core.c */
    BUG_ATTEMPT_TWICE = 48,   /* a second attempt commits too */
    BUG_ATTEMPT_STALE,        /* an attempt that was given up commits */
    BUG_ATTEMPT_CANCELLED,    /* a cancelled one commits */
    BUG_ATTEMPT_END_STALE,    /* the end of an old attempt ends the new one */
    BUG_ATTEMPT_USER_RETRIED, /* a user's error is tried again */
    BUG_ATTEMPT_LOST_COUNTED, /* a lost worker counts as a failure of the task */
    BUG_ATTEMPT_LOST_FOREVER, /* a task whose workers are lost is tried for ever */
    /* kafka/group_core.c */
    BUG_GROUP_ANY_GENERATION = 64, /* members of older generations are heard */
    BUG_GROUP_SAME_GENERATION,     /* a round does not begin a new one */
    BUG_GROUP_ASSIGNMENT_KEPT,     /* a new round begins with the old assignments */
    BUG_GROUP_SYNC_BY_ANYBODY,     /* not only the leader assigns */
    BUG_GROUP_PARKED_EXPIRES,      /* who waits for the round counts as silent */
    BUG_GROUP_TOKEN_FORGOTTEN,     /* a second join leaves the first without an answer */
    BUG_GROUP_COMMIT_IN_ROUND,     /* offsets are taken between join and sync */
    BUG_GROUP_LEADER_GONE,         /* who left stays the leader */
    BUG_GROUP_ROUND_FOREVER,       /* a round waits for members that do not come */
    /* log/: the log itself, over a disk that forgets */
    BUG_LOG_ACK_BEFORE_SYNC = 96, /* durable without a sync */
    BUG_LOG_SYNC_RETRIED,         /* a sync that failed is forgotten */
    BUG_LOG_NO_CRC,               /* recovery does not look at the CRC */
    BUG_LOG_NO_DIR_SYNC,          /* a new segment's name is not made durable */
    BUG_LOG_SNAPSHOT_TRUSTED,     /* producers of a future that was cut are believed */
    BUG_LOG_CUT_KEPT,             /* segments behind a cut stay */
    BUG_LOG_NO_DEDUP,             /* a repeated batch is appended again */
    BUG_LOG_EPOCH_NOT_KEPT,       /* an epoch is acted under before it is durable */
};

#ifdef WEIR_BUGS
bool bug_planted(enum bug n); /* the simulator's */
#define BUG(n) bug_planted(n)
#else
#define BUG(n) false
#endif

#endif
