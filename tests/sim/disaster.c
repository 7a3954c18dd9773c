/* SPDX-License-Identifier: ISC */
/*
 * What happens to states and whole hosts. Processes that were at work there are
 * gone, too.
 */
#include <stdio.h>

#include "disaster.h"
#include "disk.h"
#include "meeting.h"
#include "world.h"

/* What was running on the host is cut off. */
static void
stop_all(struct world *w, int h)
{
	int i;

	for (i = 0; i < MEETINGS; i++)
		if (w->meetings[i] && meeting_has(w->meetings[i], h)) {
			meeting_free(w->meetings[i]);
			w->meetings[i] = NULL;
		}
}

void
disaster_lose(struct world *w, int h)
{
	char dir[64];

	stop_all(w, h);
	w->lossy = 1;
	world_state(h, dir, 1);
	disk_remove(dir);
	disk_mkdir(dir, 0700);
	oracle_lost_state(&w->oracle, h);
}

void
disaster_save(struct world *w, int h)
{
	struct host *host = &w->hosts[h];
	char disk[64], state[64];

	snprintf(disk, sizeof(disk), "/n/%c", 'a' + h);
	world_state(h, state, 1);
	disk_free(host->backup[0]);
	disk_free(host->backup[1]);
	host->backup[0] = disk_copy(disk);
	host->backup[1] = disk_copy(state);
	host->met = 0;
	w->oracle.backup[h] = w->oracle.hosts[h];
}

/* State alone, or the whole host. */
void
disaster_put_back(struct world *w, int h, int whole)
{
	struct host *host = &w->hosts[h];
	char disk[64], state[64];

	if (!host->backup[0])
		return;
	stop_all(w, h);
	w->lossy = 1;
	host->is_back = 1;
	snprintf(disk, sizeof(disk), "/n/%c", 'a' + h);
	world_state(h, state, 1);
	disk_put(state, disk_clone(host->backup[1]));
	if (whole)
		disk_put(disk, disk_clone(host->backup[0]));
	oracle_put_back(&w->oracle, h, &w->oracle.backup[h], whole);
}

/* A new id drops what the old one would have been asked and told. */
void
disaster_move(struct world *w, int h)
{
	w->hosts[h].machine++;
	oracle_crashed(&w->oracle, h);
	if (w->hosts[h].is_back)
		w->oracle.blind |= 1u << h;
}

void
disaster_clone(struct world *w, int from, int to)
{
	struct oracle *o = &w->oracle;
	char disk[2][64], state[2][64];
	unsigned i;

	if (from == to || to >= w->set.hosts)
		return;
	w->lossy = 1;
	stop_all(w, from);
	stop_all(w, to);
	snprintf(disk[0], 64, "/n/%c", 'a' + from);
	snprintf(disk[1], 64, "/n/%c", 'a' + to);
	world_state(from, state[0], 0);
	world_state(to, state[1], 1);
	disk_remove(state[1]);
	disk_mkdir(state[1], 0700);
	world_state(to, state[1], 0);
	disk_put(disk[1], disk_copy(disk[0]));
	disk_put(state[1], disk_copy(state[0]));
	oracle_crashed(o, from);
	o->hosts[to] = o->hosts[from];
	for (i = 0; i < EDITS; i++)
		if (o->writers[i] >> from & 1)
			o->writers[i] |= (unsigned char)(1 << to);
	w->hosts[to].hit_at = w->hosts[to].kill_at = 0;
}
