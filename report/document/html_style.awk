# html_style.awk - make a C string of html.css, with the digest that lets a browser take this style sheet and no other.
#
# In two steps, since the digest is that of what is left:
#   awk -v step=strip  comments, line breaks and indentation are left out
#   awk -v digest=HEX  a header with the text and its SHA-256 in base64, as Content-Security-Policy has it

function quoted(text,    i, c, out)
{
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		out = out (index("\\\"?", c) ? "\\" : "") c (c == "}" ? "\"\n    \"" : "")
	}
	return "\"" out "\""
}

function nibble(i)
{
	return index("0123456789abcdef", substr(digest, i, 1)) - 1
}

# Three nibbles are two characters of six bits; what is left of 64 nibbles is one.
function base64(    i, v, out, letters)
{
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for (i = 1; i + 2 <= 64; i += 3) {
		v = nibble(i) * 256 + nibble(i + 1) * 16 + nibble(i + 2)
		out = out substr(letters, int(v / 64) + 1, 1) substr(letters, v % 64 + 1, 1)
	}
	return out substr(letters, nibble(64) * 4 + 1, 1) "="
}

step != "strip" && NR == 1 {
	if (digest !~ /^[0-9a-f]+$/ || length(digest) != 64) {
		print "html_style.awk: no digest" > "/dev/stderr"
		exit 1
	}
	print "/* Made by report/document/html_style.awk of style sheets; do not edit. */"
	print "#define HTML_STYLE_DIGEST \"" base64() "\""
	print "static const char html_style[] ="
}

step == "strip" {
	sub(/^[ \t]+/, "")
	gsub(/[ \t]*\/\*([^*]|\*[^\/])*\*\//, "")
	printf "%s", $0
	next
}

{
	print "    " quoted($0)
}

END {
	if (step != "strip")
		print "    \"\";"
}
