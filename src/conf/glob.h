/* SPDX-License-Identifier: ISC */
#ifndef CONF_GLOB_H
#define CONF_GLOB_H

/*
 * Shell globs over bytes: as fnmatch(3) in the C locale, without its tables of
 * letters. '*', '?', '\', and brackets with '!' or '^', ranges and the classes
 * of ASCII; [.x.] and [=x=] are the byte x. A backslash in brackets is itself;
 * a '[' that nothing closes, too.
 */

/*
 * Whether all of name is as the pattern says. deep: '*', '?' and brackets stand
 * for '/' as well.
 */
int glob_match(const char *pattern, const char *name, int deep);

#endif
