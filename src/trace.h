/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: mymem:mymem_read, mymem:mymem_write and mymem:mymem_atomic, one for
 * each call, when it is done.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mymem

#if !defined(MYMEM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MYMEM_TRACE_H

#include <linux/tracepoint.h>

#include "uapi/linux/mymem.h"

/* Laid out as all of the kernel's trace headers are, which no tool knows. */
/* clang-format off */

DECLARE_EVENT_CLASS(mymem_transfer,
	TP_PROTO(loff_t offset, size_t length, ssize_t result, bool waited),
	TP_ARGS(offset, length, result, waited),
	TP_STRUCT__entry(
		__field(loff_t, offset)
		__field(size_t, length)
		__field(ssize_t, result)
		__field(bool, waited)
	),
	TP_fast_assign(
		__entry->offset = offset;
		__entry->length = length;
		__entry->result = result;
		__entry->waited = waited;
	),
	TP_printk("offset=%lld length=%zu result=%zd waited=%d",
		  __entry->offset, __entry->length, __entry->result,
		  __entry->waited)
);

DEFINE_EVENT(mymem_transfer, mymem_read,
	TP_PROTO(loff_t offset, size_t length, ssize_t result, bool waited),
	TP_ARGS(offset, length, result, waited)
);

DEFINE_EVENT(mymem_transfer, mymem_write,
	TP_PROTO(loff_t offset, size_t length, ssize_t result, bool waited),
	TP_ARGS(offset, length, result, waited)
);

/* For perf and trace-cmd, which decode by the events' formats and know no names. */
TRACE_DEFINE_ENUM(MYMEM_OP_LOAD);
TRACE_DEFINE_ENUM(MYMEM_OP_STORE);
TRACE_DEFINE_ENUM(MYMEM_OP_ADD);
TRACE_DEFINE_ENUM(MYMEM_OP_AND);
TRACE_DEFINE_ENUM(MYMEM_OP_OR);
TRACE_DEFINE_ENUM(MYMEM_OP_XOR);
TRACE_DEFINE_ENUM(MYMEM_OP_EXCHANGE);
TRACE_DEFINE_ENUM(MYMEM_OP_COMPARE_EXCHANGE);

#define mymem_show_op(op)				\
	__print_symbolic(op,				\
		{ MYMEM_OP_LOAD, "load" },		\
		{ MYMEM_OP_STORE, "store" },		\
		{ MYMEM_OP_ADD, "add" },		\
		{ MYMEM_OP_AND, "and" },		\
		{ MYMEM_OP_OR, "or" },			\
		{ MYMEM_OP_XOR, "xor" },		\
		{ MYMEM_OP_EXCHANGE, "exchange" },	\
		{ MYMEM_OP_COMPARE_EXCHANGE, "compare-exchange" })

TRACE_EVENT(mymem_atomic,
	TP_PROTO(u32 op, u64 offset, u64 operand, u64 old, int result,
		 bool waited),
	TP_ARGS(op, offset, operand, old, result, waited),
	TP_STRUCT__entry(
		__field(u64, offset)
		__field(u64, operand)
		__field(u64, old)
		__field(u32, op)
		__field(int, result)
		__field(bool, waited)
	),
	TP_fast_assign(
		__entry->offset = offset;
		__entry->operand = operand;
		__entry->old = old;
		__entry->op = op;
		__entry->result = result;
		__entry->waited = waited;
	),
	TP_printk("offset=%llu length=8 op=%s operand=%llu old=%llu result=%d waited=%d",
		  __entry->offset, mymem_show_op(__entry->op), __entry->operand,
		  __entry->old, __entry->result, __entry->waited)
);

/* clang-format on */

#endif /* MYMEM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
