/*
 * What driver, workers, store and supervisor say to each other: message types of net/frame and
 * their payloads. Integers are uvarints unless noted; texts and bytes have lengths; see
 * base/buffer.h.
 */
#ifndef WEIR_SCHED_WIRE_H
#define WEIR_SCHED_WIRE_H

enum wire_type {
    WIRE_PING = 1,          /* empty -> last reply: role text, pid uvarint */
    WIRE_MEMBER_PING = 8,   /* control/members.h: between stores of nodes */
    WIRE_REPLICA_FETCH = 9, /* log/replica.h: the same */

    /* driver -> worker. Replies to WIRE_TASK_START: any number of PROGRESS and BATCH, then DONE
     * (last) or an error reply. */
    WIRE_TASK_START = 16, /* sched/task.h: task_write */
    WIRE_TASK_CANCEL,     /* le32 request number of the start */
    WIRE_TASK_PROGRESS,   /* reply: task_progress_write */
    WIRE_TASK_BATCH,      /* reply: rows uvarint, Arrow IPC message bytes */
    WIRE_TASK_DONE,       /* last reply: rows uvarint, peak bytes uvarint, cpu ns uvarint */
    WIRE_WORKER_STATUS,   /* -> cores, budget used/limit, running tasks, python workers, incarnation
                             le64, shuffle folder text */
    WIRE_TASK_LOST_INPUT, /* reply before an error: stage, map, epoch of an output that cannot be
                             read */
    WIRE_QUERY_END,       /* query text -> empty: its shuffle files may go */

    /* worker -> worker: a place is query text, stage, map, epoch */
    WIRE_SHUFFLE_LIST, /* place, partition -> count, (offset, bytes, rows)... */
    WIRE_SHUFFLE_READ, /* place, offset, bytes -> the bytes */

    /* anybody -> store */
    WIRE_TOPIC_LIST = 64, /* -> count, (name, partitions, config pairs)... */
    WIRE_TOPIC_OFFSETS, /* topic -> dir text, count, (partition, start, high watermark, bytes)... */
    WIRE_TOPIC_CREATE,  /* topic, partitions uvarint -> empty */
    WIRE_TOPIC_OFFSET_FOR_TIME, /* topic, partition, time_ms varint -> offset varint */
    WIRE_APPEND_ONCE, /* topic, partition, sink id le64, batch id varint, batch bytes -> base offset
                         varint */
    WIRE_GROUP_LIST,  /* -> count, (name, state text, members, count, (topic, partition, committed,
                         end)...)... */
    WIRE_STORE_STATUS, /* -> count, (name text, value)...: counters for the page and metrics */
    WIRE_TOPIC_DELETE, /* topic -> empty */

    /* anybody -> supervisor */
    WIRE_PROCESS_LIST = 96, /* -> ready file's JSON */
    WIRE_EVENT_LIST,        /* -> JSON array of events: starts, deaths, restarts, gaps */
    WIRE_EVENT_ADD,         /* JSON object: something worth a line in the timeline */
    WIRE_NODE_TOKEN,        /* to the parent of nodes: empty -> address, token (app/join.h) */
    WIRE_NODE_JOIN,         /* to its listener for joiners: app/join.h */
    WIRE_NODE_CHANGE,       /* to the parent of nodes: "start"|"stop"|"kill", name -> empty */
};

#endif
