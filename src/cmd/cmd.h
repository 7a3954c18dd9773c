/* SPDX-License-Identifier: ISC */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/*
 * The commands. Each returns the program's exit code: 0 done, 1 something
 * could not be done (and was said), 2 nothing to list.
 */

struct options;

int cmd_check(const struct options *o);         /* -c */
int cmd_update(const struct options *o);        /* -u, -cu */
int cmd_sync(const struct options *o);          /* -x */
int cmd_pending(const struct options *o);       /* -M */
int cmd_list(const struct options *o);          /* -L */
int cmd_list_pair(const struct options *o);     /* -S */
int cmd_hint(const struct options *o);          /* -h */
int cmd_hints(const struct options *o);         /* -H */
int cmd_mark(const struct options *o);          /* -m */
int cmd_files(const struct options *o);         /* -o */
int cmd_forget(const struct options *o);        /* -R */
int cmd_compare(const struct options *o);       /* -T, -TT */
int cmd_force(const struct options *o);         /* -f */
int cmd_serve_one(const struct options *o);     /* -i: on stdin and stdout */
int cmd_serve(const struct options *o);         /* -ii, -iii */
int cmd_watch(const struct options *o);         /* -w */
int cmd_agent(const struct options *o);         /* both */
int cmd_keygen(const struct options *o);        /* -k */
int cmd_status(const struct options *o);        /* status */
int cmd_configtest(const struct options *o);    /* configtest */
int cmd_explain(const struct options *o);       /* explain */
int cmd_init(const struct options *o);          /* init */

#endif
