/* A node's registration as text: the value of `node/<id>`. JSON, so that people and later versions
 * can read it; what is not known is left out. */
#ifndef WEIR_CONTROL_MEMBER_RECORD_H
#define WEIR_CONTROL_MEMBER_RECORD_H

#include "control/members.h"

void member_record_put(const struct member *m, struct buffer *out);
bool member_record_read(struct bytes json, struct member *out); /* false: not such a record */

#endif
