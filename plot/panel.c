/* panel.c - see panel.h. */
#include "plot/panel.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

enum {
	LEAST = 20, /* shares that a bar takes, however short */
};

/* Grades and signs: their classes, what the key says of them, and their shapes, around 0,0. */
static const struct {
	const char *class, *words, *path;
} signs_all[PLOT_SIGNS] = {
    [PLOT_OK] = {"ok", "as the policy has it", NULL},
    [PLOT_LOW] = {"low", "low severity", NULL},
    [PLOT_MEDIUM] = {"medium", "medium severity", NULL},
    [PLOT_HIGH] = {"high", "high severity", NULL},
    [PLOT_UNKNOWN] = {"unknown", "only attempted", NULL},
    [PLOT_SIGN_MOVED] = {"moved", "moved", "M-5 0 0-6 5 0 0 6Z"},
    [PLOT_SIGN_RETURNED] = {"returned", "returned", "M-5 0 4-6 4 6Z"},
    [PLOT_SIGN_FLIP_FLOP] = {"flip-flop", "flip-flop", "M-6-5-6 5 6-5 6 5Z"},
    [PLOT_SIGN_VANISHED] = {"vanished", "vanished",
	"M-5-3-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z"},
    [PLOT_SIGN_RESTARTED] = {"restarted", "restarted", "M-6-5 6-5 0 6Z"},
    [PLOT_SIGN_ADDITIONAL] = {"additional", "additional",
	"M-1.5-5 1.5-5 1.5-1.5 5-1.5 5 1.5 1.5 1.5 1.5 5-1.5 5-1.5 1.5-5 1.5-5-1.5-1.5-1.5Z"},
    [PLOT_SIGN_REFUSED] = {"refused", "refused by the client", "M-5-5 5-5 5 5-5 5Z"},
    [PLOT_SIGN_VAIN] = {"vain", "registered, and nothing came",
	"M-6 0 0-6 6 0 0 6ZM-3 0 0 3 3 0 0-3Z"},
    [PLOT_SIGN_INFERRED] = {"ok inferred", "inferred only", NULL},
    [PLOT_SIGN_UNSEEN] = {"tail", "not seen since", NULL},
    [PLOT_SIGN_OPEN] = {"more", "not known to be gone", "M-4-5 4 0-4 5Z"},
    [PLOT_SIGN_GAP] = {"gap", "the sensor saw nothing", NULL},
    [PLOT_SIGN_ALLOWED] = {"allowed", "allowed", NULL},
    [PLOT_SIGN_RESERVED] = {"reserved", "reserved for RPC over HTTP", NULL},
};

bool
panel_id_ok(const char *id)
{
	return id[0] != '\0' && strlen(id) < PANEL_ID &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id);
}

const char *
plot_grade_name(enum plot_grade grade)
{
	static const char *const names[PLOT_GRADES] = {
	    "ok", "low", "medium", "high", "nothing known"};

	return (unsigned)grade < PLOT_GRADES ? names[grade] : "";
}

enum plot_grade
plot_grade_worse(enum plot_grade a, enum plot_grade b)
{
	if (a == PLOT_UNKNOWN || b == PLOT_UNKNOWN)
		return a == PLOT_UNKNOWN ? b : a;
	return a > b ? a : b;
}

/* Out of policy: told by lines, too, since not everybody sees colours. */
static bool
is_hatched(unsigned sign)
{
	return sign == PLOT_LOW || sign == PLOT_MEDIUM || sign == PLOT_HIGH;
}

/* An element with an id of its own, which others refer to. */
static void
named_leaf(struct svg *s, const struct panel *f, const char *element, const char *text)
{
	svg_open(s, element);
	svg_attr_format(s, "id", "%s-%c", f->id, element[0]);
	svg_text(s, text);
	svg_close(s);
}

/* Lines that are laid over a bar. */
static void
hatch_define(struct svg *s, const struct panel *f)
{
	svg_open(s, "pattern");
	svg_attr_format(s, "id", "%s-h", f->id);
	svg_number(s, "width", 5);
	svg_number(s, "height", 5);
	svg_attr(s, "patternUnits", "userSpaceOnUse");
	svg_attr(s, "patternTransform", "rotate(45)");
	svg_open(s, "path");
	svg_attr(s, "class", "hatch");
	svg_attr(s, "d", "M0 0h2v5h-2z");
	svg_close(s);
	svg_close(s);
}

void
panel_begin(struct svg *s, const struct panel *f, int height)
{
	assert(panel_id_ok(f->id));
	svg_open(s, "svg");
	svg_attr_format(s, "class", "plot plot-%s", f->kind);
	svg_attr(s, "width", "100%");
	svg_number(s, "height", height);
	svg_attr(s, "role", "img");
	svg_attr_format(s, "aria-labelledby", "%s-t %s-d", f->id, f->id);
	named_leaf(s, f, "title", f->title);
	named_leaf(s, f, "desc", f->about);
	hatch_define(s, f);
}

static void
swatch_shape(struct svg *s, const struct panel *f, unsigned sign)
{
	if (signs_all[sign].path != NULL) {
		panel_sign(s, sign, SVG_WHOLE / 2, 7, 0, 0, NULL);
		return;
	}
	svg_open(s, "rect");
	svg_attr_format(s, "class", "%s%s",
	    sign < PLOT_GRADES || sign == PLOT_SIGN_INFERRED ? "bar " : "", signs_all[sign].class);
	svg_number(s, "x", sign == PLOT_SIGN_RESERVED ? 9 : 1);
	svg_number(s, "y", sign == PLOT_SIGN_UNSEEN ? 6 : 2);
	svg_number(s, "width", sign == PLOT_SIGN_RESERVED ? 2 : 18);
	svg_number(s, "height", sign == PLOT_SIGN_UNSEEN ? 2 : 10);
	if (is_hatched(sign)) {
		svg_close(s);
		svg_open(s, "rect");
		svg_attr_format(s, "fill", "url(#%s-h)", f->id);
		svg_number(s, "x", 1);
		svg_number(s, "y", 2);
		svg_number(s, "width", 18);
		svg_number(s, "height", 10);
	}
	svg_close(s);
}

static void
key_item(struct svg *s, const struct panel *f, unsigned sign)
{
	svg_open(s, "li");
	svg_open(s, "svg");
	svg_attr(s, "aria-hidden", "true");
	swatch_shape(s, f, sign);
	svg_close(s);
	svg_text(s, signs_all[sign].words);
	svg_close(s);
}

void
panel_end(struct svg *s, const struct panel *f, uint32_t signs)
{
	svg_close(s);
	if (signs != 0) {
		svg_open(s, "ul");
		svg_attr(s, "class", "plot-key");
		for (unsigned i = 0; i < PLOT_SIGNS; i++)
			if (signs & UINT32_C(1) << i)
				key_item(s, f, i);
		svg_close(s);
	}
	if (f->left != NULL) {
		svg_open(s, "p");
		svg_attr(s, "class", "plot-left");
		svg_text(s, f->left);
		svg_close(s);
	}
}

unsigned
panel_x(unsigned share)
{
	return PANEL_LEFT + share * (PANEL_RIGHT - PANEL_LEFT) / SVG_WHOLE;
}

void
panel_label(struct svg *s, unsigned x, int y, const char *label, const char *note)
{
	const size_t line = PANEL_LINE * 10, bold = PANEL_LETTER * 6 / 5;
	char text[SVG_TEXT];

	svg_open(s, "text");
	svg_share(s, "x", x);
	svg_number(s, "y", y);
	svg_text(s, svg_cut(label, line / bold, text, sizeof(text)));
	size_t left = (line - text_width(text) * bold) / PANEL_LETTER;
	if (note != NULL && note[0] != '\0' && left > 4) {
		svg_text(s, " ");
		svg_open(s, "tspan");
		svg_text(s, svg_cut(note, left - 1, text, sizeof(text)));
		svg_close(s);
	}
	svg_close(s);
}

static void
rect_open(struct svg *s, unsigned from, unsigned to, int y, int height)
{
	svg_open(s, "rect");
	svg_share(s, "x", from);
	svg_share(s, "width", to > from + LEAST ? to - from : LEAST);
	svg_number(s, "y", y);
	svg_number(s, "height", height);
}

void
panel_bar(struct svg *s, const struct panel *f, unsigned from, unsigned to, int y, int height,
    enum plot_grade grade, const char *class, const char *tip)
{
	rect_open(s, from, to, y, height);
	svg_attr_format(
	    s, "class", "bar %s%s%s", signs_all[grade].class, class[0] != '\0' ? " " : "", class);
	if (tip != NULL)
		svg_leaf(s, "title", tip);
	svg_close(s);
	if (!is_hatched(grade))
		return;
	rect_open(s, from, to, y, height);
	svg_attr(s, "class", "over");
	svg_attr_format(s, "fill", "url(#%s-h)", f->id);
	svg_close(s);
}

void
panel_sign(struct svg *s, unsigned sign, unsigned x, int y, int line, int aside, const char *tip)
{
	svg_open(s, "svg");
	svg_share(s, "x", x);
	svg_number(s, "y", y);
	if (line > 0) {
		svg_open(s, "path");
		svg_attr(s, "class", "moment");
		svg_attr_format(s, "d", "M0 0v%d", line);
		svg_close(s);
	}
	svg_open(s, "path");
	svg_attr_format(s, "class", "sign %s", signs_all[sign].class);
	svg_attr(s, "d", signs_all[sign].path);
	if (aside != 0)
		svg_attr_format(s, "transform", "translate(%d)", aside);
	if (tip != NULL)
		svg_leaf(s, "title", tip);
	svg_close(s);
	svg_close(s);
}

void
panel_block(struct svg *s, const char *class, unsigned from, unsigned to, int y, int height)
{
	rect_open(s, from, to, y, height);
	svg_attr(s, "class", class);
	svg_close(s);
}

/* Texts near the ends stand on the inside of their tick. */
static void
tick_anchor(struct svg *s, unsigned share, unsigned edge)
{
	if (share < edge)
		svg_attr(s, "text-anchor", "start");
	else if (share > SVG_WHOLE - edge)
		svg_attr(s, "text-anchor", "end");
}

/* One tick: all of it has its place by one number. */
static void
tick_draw(struct svg *s, const struct axis_tick *t, int top, int bottom)
{
	svg_open(s, "svg");
	svg_share(s, "x", panel_x(t->share));
	if (t->wide)
		svg_attr(s, "class", "w");
	tick_anchor(s, t->share, AXIS_EDGE);
	svg_open(s, "path");
	svg_attr_format(s, "d", "M0 %dV%d", top, bottom + 4);
	svg_close(s);
	if (t->label[0] != '\0') {
		svg_open(s, "text");
		svg_number(s, "y", bottom + 16);
		svg_text(s, t->label);
		svg_close(s);
	}
	if (t->context[0] != '\0') {
		svg_open(s, "text");
		svg_number(s, "y", bottom + 31);
		tick_anchor(s, t->share, AXIS_CONTEXT_EDGE);
		svg_text(s, t->context);
		svg_close(s);
	}
	svg_close(s);
}

void
panel_axis(struct svg *s, const struct axis_tick *tick, size_t count, int top, int bottom)
{
	svg_open(s, "g");
	svg_attr(s, "class", "axis");
	svg_attr(s, "text-anchor", "middle");
	for (size_t i = 0; i < count; i++)
		tick_draw(s, &tick[i], top, bottom);
	svg_close(s);
}
