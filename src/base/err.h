/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * One error as a person reads it: what was done, to which object, why it
 * failed, what to do. A function that can fail takes a struct err, fills it and
 * returns -1. Texts have no trailing newline; over-long ones lose their middle,
 * so that a long name does not cost the reason.
 */

struct err {
	char text[700];
};

/* Sets the text; returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Like err_set, with ": " and the text of errno appended. Keeps errno. */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "fmt: " in front of the text that is there. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "; hint" behind it: what to do. Keeps errno. */
int err_hint(struct err *e, const char *hint);

#endif
