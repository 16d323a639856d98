/* Between the two files of the group machine: its data (group_data.c) and its moves (group_core.c).
 */
#ifndef WEIR_KAFKA_GROUP_PRIVATE_H
#define WEIR_KAFKA_GROUP_PRIVATE_H

#include "kafka/group_core.h"

enum { GROUP_TEXT_MAX = 200 };

void group_free(struct group *g);
void group_unlink(struct group_core *c, struct group *g);
void group_member_drop(struct group *g, size_t i);
struct group_member *group_static_find(const struct group *g, struct bytes instance_id);
void group_pending_add(struct group *g, const char *id, int64_t deadline_ms);
bool group_pending_take(struct group *g, struct bytes id);
void group_pending_drop(struct group *g, size_t i);
/* All members but `but` list this protocol. */
bool group_all_list(const struct group *g, struct bytes protocol, const struct group_member *but);
/* The member's protocols are those of the join; only_name: just that one is compared. */
bool group_protocols_equal(const struct group_member *m, const struct group_join *in,
                           const char *only_name);

#endif
