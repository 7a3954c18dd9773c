/* SPDX-License-Identifier: ISC */
#ifndef CONF_GROUP_H
#define CONF_GROUP_H

/* The statements that stand in a group and in an action. */

struct block;

extern const struct block group_block, action_block;

#endif
