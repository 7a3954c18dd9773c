/* SPDX-License-Identifier: ISC */
/*
 * peak FILE COMMAND [ARG...]: runs it, and writes into FILE the most memory, in
 * KiB, that one of its processes had in RAM. Exits as it did.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage used;
	int status;
	FILE *f;
	pid_t pid;

	if (argc < 3)
		return 125;
	f = fopen(argv[1], "w");
	pid = fork();
	if (!pid) {
		execv(argv[2], argv + 2);
		_exit(127);
	}
	if (!f || waitpid(pid, &status, 0) < 0 ||
	    getrusage(RUSAGE_CHILDREN, &used))
		return 125;
	fprintf(f, "%ld\n", used.ru_maxrss);
	if (fclose(f))
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
