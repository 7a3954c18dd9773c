# SPDX-License-Identifier: ISC
#
# The table of tests/bench/run: for each row and each other tool ours divided by
# theirs, run by run; median (minimum-maximum) of wall and CPU, the median of
# what can be counted.

function number(x) {
	return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : \
	    x >= 0.1 ? "%.2f" : "%.3f", x)
}

function sort(v, n,	i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
			t = v[j]
			v[j] = v[j - 1]
			v[j - 1] = t
		}
}

# The ratios of column c: a text with the median, with spread the range.
function ratio(key, tool, c, spread,	n, i, v, a, b) {
	n = 0
	for (i = 1; i <= rounds[key]; i++) {
		if (!((key, "ours", i, c) in value) ||
		    !((key, tool, i, c) in value))
			continue
		a = value[key, "ours", i, c]
		b = value[key, tool, i, c]
		if (b > 0)
			v[++n] = a / b
		else if (a > 0)
			return "more"
	}
	if (!n)
		return "-"
	sort(v, n)
	a = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	if (!spread || n == 1)
		return number(a)
	return sprintf("%s %s-%s", number(a), number(v[1]), number(v[n]))
}

{
	key = $1 " " $2
	if (!(key in seen)) {
		seen[key] = 1
		order[++keys] = key
	}
	if ($4 > rounds[key])
		rounds[key] = $4 + 0
	if (!((key, $3) in tool_seen)) {
		tool_seen[key, $3] = 1
		tools[key] = tools[key] " " $3
	}
	for (i = 5; i <= 11; i++)
		value[key, $3, $4, i - 4] = $i
	last[key] = $4
}

END {
	line = "%-15s %-6s %-14s %-14s %5s %6s %5s %7s\n"
	for (k = 1; k <= keys; k++) {
		key = order[k]
		split(key, part, " ")
		n = split(tools[key], t, " ")
		if (n > 1 && part[1] != place) {
			place = part[1]
			print ""
			printf line, "in " place ":", "than", "wall", "cpu",
			    "bytes", "memory", "calls", "written"
		}
		for (i = 1; i <= n; i++) {
			if (t[i] == "ours")
				continue
			printf line, part[2], t[i],
			    ratio(key, t[i], 1, 1), ratio(key, t[i], 2, 1),
			    ratio(key, t[i], 3, 0), ratio(key, t[i], 4, 0),
			    ratio(key, t[i], 5, 0), ratio(key, t[i], 6, 0)
		}
	}
	printf "\nwhat ours needed itself (the last run)\n"
	printf "%-6s %-15s %11s %11s %9s %10s %6s\n", "", "work", "bytes",
	    "memory KiB", "calls", "written", "syncs"
	for (k = 1; k <= keys; k++) {
		key = order[k]
		split(key, part, " ")
		if (part[2] ~ /^(growth|seven)/)
			continue
		r = last[key]
		printf "%-6s %-15s %11.0f %11.0f %9.0f %10.0f %6.0f\n",
		    part[1], part[2], value[key, "ours", r, 3],
		    value[key, "ours", r, 4], value[key, "ours", r, 5],
		    value[key, "ours", r, 6], value[key, "ours", r, 7]
	}
}

# Rows of ours alone: a line each, as they come.
$2 ~ /^growth/ {
	grow[++grows] = sprintf("%-14s %9d files: wall %8.3f ms/1000 files, " \
	    "cpu %8.3f, memory %6d KiB, calls %6.2f a file", $2, $4,
	    $5 / $4, $6 / $4, $8, $9 / $4)
}
$2 == "seven" {
	grow[++grows] = sprintf("%-14s host %s: cpu %.1f ms, %d bytes on " \
	    "the wire, memory %d KiB, calls %d", $2, $4, $6 / 1000, $7, $8, $9)
}
END {
	printf "\n"
	for (i = 1; i <= grows; i++)
		print grow[i]
}
