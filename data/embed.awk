# embed.awk - make C strings of text files: shipped policies, their groups, the example.
#
# Each file becomes an array of its own, named after it; those under policies/ are listed in a table, too. Run with
# LC_ALL=C: bytes from 0x80 up pass as they are. A line is a string of its own, so that no literal grows too long to read.

function quoted(text,    i, c, out)
{
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\t")
			c = "\\t"
		else if (index("\\\"?", c))
			c = "\\" c
		out = out c
	}
	return "\"" out "\\n\""
}

function close_array()
{
	if (open != "")
		print ";"
}

BEGIN {
	print "/* Made by data/embed.awk of the texts in data; do not edit. */"
}

FNR == 1 {
	close_array()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.yaml$/, "", name)
	open = name
	gsub(/-/, "_", open)
	if (FILENAME ~ /policies\//) {
		policy[++count] = name
		open = "policy_" open
	}
	print "static const char shipped_" open "[] ="
}

/[\001-\010\013-\037\177]/ {
	printf "%s:%d: control character\n", FILENAME, FNR > "/dev/stderr"
	exit 1
}

{
	print "    " quoted($0)
}

END {
	close_array()
	print "static const char *const shipped_policy_name[] = {"
	for (i = 1; i <= count; i++)
		print "    \"" policy[i] "\","
	print "};"
	print "static const char *const shipped_policy[] = {"
	for (i = 1; i <= count; i++) {
		symbol = policy[i]
		gsub(/-/, "_", symbol)
		print "    shipped_policy_" symbol ","
	}
	print "};"
}
