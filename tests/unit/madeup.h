/* SPDX-License-Identifier: ISC */
/*
 * Messages made up by a test that plays the peer: well-formed bodies, unless
 * what they are given is not. Whoever says one frees it.
 */
#ifndef MADEUP_H
#define MADEUP_H

#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "delta/signature.h"
#include "sync/message.h"

/* Of our version and of some replica, unless like says so. */
static inline struct buf
made_hello(const struct hello *like)
{
	struct hello h = *like;
	struct buf b = BUF_INIT;

	h.version = h.version ? h.version : PROTOCOL_VERSION;
	h.replica = h.replica ? h.replica : 4711;
	hello_encode(&h, &b);
	return b;
}

/* A greeting that says it knows n replicas, however many that are. */
static inline struct buf
made_hello_knowing(unsigned n)
{
	static const struct hello plain;
	struct buf b = made_hello(&plain);
	unsigned i;

	b.p[b.len - 1] = (unsigned char)n;
	for (i = 0; i < n * 9; i++)
		buf_u8(&b, 1);
	return b;
}

/* Of a file with that text. */
static inline struct version
made_version(const char *text)
{
	struct version v;
	struct content *c = content_new();

	memset(&v, 0, sizeof(v));
	v.kind = KIND_REG;
	v.mode = 0644;
	v.size = strlen(text);
	v.mtime.sec = 1000000;
	content_add(c, text, strlen(text));
	content_final(c, v.id);
	content_free(c);
	return v;
}

/* Of a name of n bytes; its number is that author's. */
static inline struct buf
made_offer(int eager, const void *name, size_t n, const struct version *v,
    uint64_t number, const char *author, unsigned bits)
{
	struct history h;
	struct buf b = BUF_INIT;

	memset(&h, 0, sizeof(h));
	history_change(&h, (struct stamp){ 4711, number }, author);
	h.bits = bits;
	buf_u8(&b, (unsigned)eager);
	buf_blob(&b, name, n);
	version_encode(v, &b);
	history_encode(&h, 0, &b);
	return b;
}

static inline struct buf
made_parent(const char *name)
{
	struct parent p = { (char *)(size_t)name, 0777, 0, 0 };
	struct buf b = BUF_INIT;

	parent_encode(&p, &b);
	return b;
}

static inline struct buf
made_content(uint64_t index, unsigned bits, const void *p, size_t n)
{
	struct content_piece piece = { index, bits, view_of(p, n) };
	struct buf b = BUF_INIT;

	content_encode(&piece, &b);
	return b;
}

/* An END, or a BYE. */
static inline struct buf
made_end(uint64_t snapshot)
{
	struct buf b = BUF_INIT;

	end_encode(snapshot, &b);
	return b;
}

static inline struct buf
made_want(uint64_t index, int with_signature)
{
	struct buf b = BUF_INIT;

	want_encode(index, with_signature, &b);
	return b;
}

static inline struct buf
made_signature(uint64_t index, int last, const void *p, size_t n)
{
	struct signature_piece piece = { index, last, view_of(p, n) };
	struct buf b = BUF_INIT;

	signature_encode(&piece, &b);
	return b;
}

/* What a signature of so many bytes in blocks of 2^log begins with. */
static inline struct buf
made_signature_head(unsigned log, uint64_t size)
{
	struct buf b = BUF_INIT;

	buf_u8(&b, SIGNATURE_VERSION);
	buf_u8(&b, log);
	buf_u8(&b, SIGNATURE_STRONG_MAX);
	buf_u64(&b, 5);
	buf_var(&b, size);
	return b;
}

static inline struct buf
made_result(uint64_t index, enum result_code code)
{
	struct result r;
	struct buf b = BUF_INIT;

	memset(&r, 0, sizeof(r));
	r.index = index;
	r.code = code;
	result_encode(&r, &b);
	return b;
}

static inline struct buf
made_error(const char *text)
{
	struct buf b = BUF_INIT;

	error_encode(text, &b);
	return b;
}

static inline struct buf
made_action(const char *text)
{
	struct action_report a = { 0, 0, "" };
	struct buf b = BUF_INIT;

	strncat(a.text, text, MESSAGE_TEXT_MAX);
	action_encode(&a, &b);
	return b;
}

#endif
