# services.awk - make the sorted C table of service names from interfaces.tsv.
#
# Input: a heading line, then rows of uuid, name, description and owner_product, separated by one tab each, the UUID in
# lower case. Rows named unknown_* have no identity and are left out. A row that is not so stops the build with file
# and line. Run with LC_ALL=C: bytes from 0x80 up pass as they are.

function refuse(why)
{
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	refused = 1
	exit 1
}

function is_uuid(text,    part, i)
{
	if (length(text) != 36 || split(text, part, "-") != 5)
		return 0
	if (length(part[1]) != 8 || length(part[5]) != 12)
		return 0
	for (i = 2; i <= 4; i++)
		if (length(part[i]) != 4)
			return 0
	for (i = 1; i <= 5; i++)
		if (part[i] !~ /^[0-9a-f]+$/)
			return 0
	return 1
}

# A C string literal. Question marks are escaped too, since two of them can begin a trigraph.
function quoted(text,    i, c, out)
{
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		out = out (index("\\\"?", c) ? "\\" : "") c
	}
	return "\"" out "\""
}

function bytes(uuid,    hex, i, out)
{
	hex = uuid
	gsub(/-/, "", hex)
	for (i = 1; i <= 32; i += 2)
		out = out (i > 1 ? ", " : "") "0x" substr(hex, i, 2)
	return out
}

BEGIN {
	FS = "\t"
}

FNR == 1 {
	if ($0 != "uuid\tname\tdescription\towner_product")
		refuse("the heading is not: uuid, name, description, owner_product")
	next
}

{
	if (NF != 4)
		refuse("a row has four columns, this has " NF)
	if ($0 ~ /[\001-\010\013-\037\177]/)
		refuse("control character")
	if (!is_uuid($1))
		refuse("not a UUID in lower case: " $1)
	if ($2 == "")
		refuse("no name")
	if ($1 in row)
		refuse("a second row for " $1)
	row[$1] = ""
	if ($2 ~ /^unknown_/)
		next
	row[$1] = "    {{{" bytes($1) "}}, {" quoted($2) ", " quoted($3) ", " quoted($4) ", false}},"
	uuid[++count] = $1
}

END {
	if (refused)
		exit 1
	if (count == 0) {
		printf "%s: no service in it\n", FILENAME > "/dev/stderr"
		exit 1
	}
	# Shell sort: POSIX awk has none of its own, and sort(1) before would lose the line numbers.
	for (gap = int(count / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= count; i++) {
			key = uuid[i]
			for (j = i; j > gap && uuid[j - gap] > key; j -= gap)
				uuid[j] = uuid[j - gap]
			uuid[j] = key
		}
	print "/* Made by data/services.awk from data/interfaces.tsv; do not edit. */"
	print "static const struct service_entry table[] = {"
	for (i = 1; i <= count; i++)
		print row[uuid[i]]
	print "};"
}
