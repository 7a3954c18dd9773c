/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* A point in time as the file system keeps it. */
struct stime {
	int64_t sec;            /* since 1970 */
	uint32_t nsec;          /* 0..999999999 */
};

int stime_cmp(struct stime a, struct stime b);

int64_t clock_ms(void);                 /* monotonic, for timers */
struct stime clock_real(void);
struct stime clock_coarse(void);        /* what a file system stamps now */
void clock_sleep_ms(unsigned ms);

#endif
