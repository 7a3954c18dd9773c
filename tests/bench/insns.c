/* SPDX-License-Identifier: ISC */
/*
 * A plugin for qemu's user mode that counts the instructions of a program:
 *
 *   qemu-mips -plugin insns.so,out=FILE PROGRAM
 *
 * At the end of each process FILE gets a line `total N` and one `N FUNCTION`
 * for each function that ran, when PROGRAM has symbols. A child begins at 0.
 * What is declared here is version 1 of qemu's interface, whose header Debian
 * does not package.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
    void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb,
    int op, void *to, uint64_t n);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t i);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
    void (*cb)(qemu_plugin_id_t, void *), void *);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
    char **argv);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;

enum { ADD = 0, FUNCTIONS = 8000, NAME = 60 };

static struct function {
	char name[NAME];
	uint64_t n;
} functions[FUNCTIONS];
static int known;
static char out[4096];

static uint64_t *
count_of(const char *name)
{
	int i;

	for (i = 0; i < known; i++)
		if (!strncmp(functions[i].name, name, NAME - 1))
			return &functions[i].n;
	if (known == FUNCTIONS)
		return &functions[0].n;
	snprintf(functions[known].name, NAME, "%s", name);
	return &functions[known++].n;
}

/* A block is in one function, and is left only at its end. */
static void
translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	const char *name =
	    qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, 0));

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD,
	    count_of(name ? name : "?"), qemu_plugin_tb_n_insns(tb));
}

static void
zero(void)
{
	int i;

	for (i = 0; i < known; i++)
		functions[i].n = 0;
}

static void
ended(qemu_plugin_id_t id, void *arg)
{
	FILE *f = fopen(out, "a");
	uint64_t total = 0;
	int i;

	(void)id;
	(void)arg;
	if (!f)
		return;
	for (i = 0; i < known; i++)
		total += functions[i].n;
	fprintf(f, "total %" PRIu64 "\n", total);
	for (i = 0; i < known; i++)
		if (functions[i].n)
			fprintf(f, "%" PRIu64 " %s\n", functions[i].n,
			    functions[i].name);
	fclose(f);
}

int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
    char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	snprintf(out, sizeof(out), "%s", argv[0] + 4);
	pthread_atfork(NULL, NULL, zero);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
