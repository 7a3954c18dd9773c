/* SPDX-License-Identifier: ISC */
#ifndef UNIT_LOWPOINTS_H
#define UNIT_LOWPOINTS_H

/* The points of small order, and some of them plus the prime. */
static const char *const low_points[] = {
	"00000000000000000000000000000000"
	    "00000000000000000000000000000000",
	"01000000000000000000000000000000"
	    "00000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46a"
	    "da098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b"
	    "04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffffffffffffff7f",
	"00000000000000000000000000000000"
	    "00000000000000000000000000000080"
};

enum { LOW_POINTS = sizeof(low_points) / sizeof(low_points[0]) };

#endif
