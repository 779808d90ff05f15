#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# That what mymem-bench makes of a run is what it says it is, for those who know:
# jq, Python, tidy, gnuplot, and an SVG's and a PNG's own readers. Of samples,
# which no measuring makes.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

tests/need jq python3 tidy gnuplot-nox libxml2-utils file || exit
view=$PWD/build/tests/view
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
samples=(full later default partial nothing single nulls hostile)
drawn=(full default partial single hostile)
export LC_ALL=C.UTF-8

# fails_with STATUS PATTERN COMMAND...: it says one line, which is like that.
fails_with() {
	local expected=$1 pattern=$2 status=0
	shift 2
	"$@" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	same "$expected" $status && same 1 "$(wc -l <"$work/err")" && grep -qE -e "$pattern" "$work/err"
}

json() {
	"$view" json "$1" >"$work/run.json" && jq -e '.schema == "mymem-bench/2" and (.cells | type == "array")' "$work/run.json" || return
	# It comes out of a file as it went in.
	same "$("$view" table "$1")" "$("$view" table "$work/run.json")"
}

csv() {
	"$view" csv "$1" >"$work/run.csv" && "$view" json "$1" >"$work/run.json" || return
	python3 - "$work/run.csv" "$work/run.json" <<'PYTHON'
import csv, json, sys

raw = open(sys.argv[1], newline="").read()
cells = json.load(open(sys.argv[2]))["cells"]
rows = list(csv.DictReader(raw.splitlines(keepends=True), strict=True))
assert raw.endswith("\r\n")
assert len(rows) == len(cells), (len(rows), len(cells))
for row, cell in zip(rows, cells):
    assert None not in row and None not in row.values(), row
    assert row["target"] == cell["target"]
    assert int(row["size"]) == cell["size"]
    if cell.get("median_ns") is None:
        assert row["median_ns"] == ""
    else:
        assert abs(float(row["median_ns"]) / cell["median_ns"] - 1) < 1e-6
PYTHON
}

# Each table has as many columns in each row as in its head.
markdown() {
	"$view" markdown "$1" >"$work/run.md" || return
	[ -s "$work/run.md" ] && sed 's/\\[|\\]//g' "$work/run.md" | awk -F'|' '
		/^\|/ { if (!n) n = NF; if (NF != n) { print; bad = 1 } rows++ }
		!/^\|/ { n = 0 }
		END { exit bad || !rows }'
}

# valid_page FILE: tags that match, names that are unique, references that lead somewhere, and
# nothing that would be fetched or run.
valid_page() {
	python3 - "$1" <<'PYTHON' || return
import html.parser, sys

VOID = {"meta", "br"}

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.uses, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "style"), name
            if name == "id":
                self.ids.append(value)
            elif name == "aria-labelledby":
                self.uses += value.split()
            elif name == "href":
                assert value.startswith("#"), value
                self.uses.append(value[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (self.open, tag, self.getpos())
        self.open.pop()

page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert not page.open, page.open
assert len(set(page.ids)) == len(page.ids), "an id twice"
assert not set(page.uses) - set(page.ids), set(page.uses) - set(page.ids)
assert not page.tags & {"script", "link", "iframe", "img", "object", "form"}
PYTHON
	# It takes SVG's ids and empty coloured boxes for mistakes.
	tidy -q -e "$1" 2>&1 | grep -vE 'proprietary attribute "id"|trimming empty <span>' | fails grep .
}

html() {
	"$view" report "$1" "$work/run.html" && valid_page "$work/run.html"
}

# The labs' tables beside the run, printed and in its page.
labs() {
	"$view" json "$1" >"$work/run.json" && "$view" report "$1" "$work/run.html" || return
	tests/vm/lab "$work/run.json" >"$work/out" && tests/vm/lab "$work/run.json" "$work/run.html" || return
	cat "$work/out"
	[ "$(wc -L <"$work/out")" -le 80 ] && same 5 "$(grep -cE '^ +[0-9]' "$work/out")" &&
		grep -q 'lab in Rust.*106.72' <(tr -d '\n' <"$work/run.html") && valid_page "$work/run.html"
}

# What is said of the first reads is what was measured of them.
labs_reads() {
	"$view" json default | jq '.cells[].mean_ns = 20000 | .cold[].calls[] |= {ns: 70000, faults: 129}
		| .cold[].calls[0].ns = 900000' >"$work/run.json" || return
	tests/vm/lab "$work/run.json" >"$work/out" || return
	cat "$work/out"
	same "524288 22 12 106.72 22.01 20.00 20.00 70.00 129" "$(grep 524288 "$work/out" | xargs)" &&
		grep -q '3.5 times as long' "$work/out" && grep -q 'not the driver' "$work/out" || return
	# One that shows nothing claims nothing.
	jq '.cold[].calls[].ns = 21000' "$work/run.json" >"$work/same.json" || return
	tests/vm/lab "$work/same.json" >"$work/out" && grep -q '1.1 times as long' "$work/out" &&
		fails grep 'not the driver' "$work/out"
}

no_page() {
	echo kept >"$work/none.html"
	"$view" json default >"$work/run.json" && fails_with 1 'is no page' tests/vm/lab "$work/run.json" "$work/none.html" &&
		same kept "$(cat "$work/none.html")"
}

svg() {
	"$view" plot "$1" "$work/run.svg" && xmllint --noout "$work/run.svg" && grep -q '<path' "$work/run.svg"
}

png() {
	"$view" plot "$1" "$work/run.png" || return
	same "PNG image data" "$(file -b "$work/run.png" | cut -d, -f 1)" && [ "$(stat -c %s "$work/run.png")" -gt 20000 ]
}

# The charts in the page are whole XML too.
charts() {
	"$view" report "$1" "$work/run.html" || return
	local n=0 chart
	while IFS= read -r -d $'\f' chart; do
		printf '%s' "$chart" | sed 's/^<svg/& xmlns="http:\/\/www.w3.org\/2000\/svg"/' | xmllint --noout - || return
		n=$((n + 1))
	done < <(sed -n '/<svg viewBox/,/<\/svg>/p' "$work/run.html" | sed 's/^.*<svg/<svg/; s/<\/svg>.*/<\/svg>\f/')
	[ $n -ge 6 ]
}

# All charts have numbers beside them, also where no round one is among what they show.
numbers_beside() {
	"$view" json single | jq '.cells[] |= ((.[] | select(type == "number" and . > 100)) = 3000)
		| .cells[] |= ((.quantiles_ns, .repetition_median_ns) |= (. // [] | map(3000)))' >"$work/run.json" &&
		"$view" report "$work/run.json" "$work/run.html" || return
	grep -o '<svg viewBox\|class="tick"[^>]*text-anchor="end">[^<]*' "$work/run.html" |
		awk '/<svg/ { charts++ } /tick/ { n[charts]++ } END { for (i = 1; i <= charts; i++) if (n[i] < 2) { print i; exit 1 } exit !charts }'
}

for sample in "${samples[@]}"; do
	check "JSON: $sample" json "$sample"
	check "CSV: $sample" csv "$sample"
	check "Markdown: $sample" markdown "$sample"
	check "HTML: $sample" html "$sample"
	check "labs: $sample" labs "$sample"
done
for sample in "${drawn[@]}"; do
	check "SVG: $sample" svg "$sample"
	check "PNG: $sample" png "$sample"
	check "charts: $sample" charts "$sample"
done

check "charts: numbers beside them" numbers_beside

# A name that a shell, or gnuplot, would take for a command, is a name.
odd_names() {
	mkdir "$work/odd" && cd "$work/odd" || return
	local name
	# shellcheck disable=SC2016 # that is what they are
	for name in '|touch made' '`touch made`' '$(touch made)' "'; touch made; '" '"' "a
b"; do
		"$view" plot default "$name.svg" && [ -s "$name.svg" ] || return
		"$view" report default "$name" && [ -s "$name" ] || return
	done
	[ ! -e made ] && [ "$(find . -type f -printf x | wc -c)" -eq 12 ]
}

# Nothing that a document says is carried out, wherever it is shown.
nothing_runs() {
	cd "$work" || return
	"$view" json hostile | sed "s|/tmp/x|$work/made|g" >hostile.json
	"$view" plot hostile.json run.svg && "$view" report hostile.json run.html && [ ! -e made ]
}

no_gnuplot() {
	fails_with 1 'apt install gnuplot-nox' env PATH=/nonexistent "$view" plot default "$work/none.svg" && [ ! -e "$work/none.svg" ]
}

# One that fails, and what it says.
bad_gnuplot() {
	mkdir "$work/bin"
	printf '#!/bin/sh\nprintf "\\n  oops\\n" >&2\nexit 3\n' >"$work/bin/gnuplot"
	chmod +x "$work/bin/gnuplot"
	echo kept >"$work/kept.svg"
	fails_with 1 'gnuplot failed: oops' env PATH="$work/bin:$PATH" "$view" plot default "$work/kept.svg" && same kept "$(cat "$work/kept.svg")"
}

# It goes away before it has read what it is to draw.
hasty_gnuplot() {
	mkdir "$work/hasty"
	printf '#!/bin/sh\necho picture\n' >"$work/hasty/gnuplot"
	chmod +x "$work/hasty/gnuplot"
	env PATH="$work/hasty:$PATH" "$view" plot full "$work/hasty.svg" && same picture "$(cat "$work/hasty.svg")"
}

# A file that is there is whole, the old or the new one.
no_room() {
	local what=$1 out=$work/room.$2
	echo kept >"$out"
	fails_with 1 "cannot write the .* to .*: File too large" bash -c "trap '' XFSZ; ulimit -f 128; exec \"\$@\"" - \
		"$view" "$what" full "$out" || return
	same kept "$(cat "$out")" && same 1 "$(find "$work" -name 'room.*' | wc -l)" && rm "$out"
}

full_disk() {
	local status=0
	"$view" "$1" full >/dev/full 2>"$work/err" || status=$?
	same 1 $status && grep -q 'cannot write the results: No space left' "$work/err"
}

compared() {
	local status=0
	"$view" compare full later >"$work/out" && grep -q 'the kernel differs' "$work/out" || return
	"$view" compare full later 10 >"$work/out" || status=$?
	same 3 $status && same 3 "$(grep -c 'beyond the limit' "$work/out")" || return
	"$view" compare full later 40 >"$work/out" && "$view" compare later full 0 >"$work/out"
}

check "labs: what the first reads took" labs_reads
check "labs: what is no page" no_page
check "a file's name is only a name" odd_names
check "what a document says is only text" nothing_runs
check "plot: no gnuplot" no_gnuplot
check "plot: gnuplot fails" bad_gnuplot
check "plot: gnuplot reads nothing" hasty_gnuplot
check "plot: no room" no_room plot svg
check "report: no room" no_room report html
for how in table csv markdown json; do
	check "$how: a full disk" full_disk $how
done
check "compare: a slower run" compared
check "compare: nothing in common" fails_with 1 'no measurement in common' "$view" compare full nothing
check "a file that is no run" fails_with 1 'is no JSON' "$view" table "$view"
check "a run of another kind" fails_with 1 'its schema is mymem-race/1' "$view" table <(echo '{"schema": "mymem-race/1"}')
check_end
