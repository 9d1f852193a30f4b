/* panel.h - what all figures share: their frame, the words for what is right and wrong, the key below, and the line of ticks.
 *
 * A figure is one SVG, a list that is its key, and a line on what was left out: content for a `figure` element of somebody else's. How it
 * looks is style.css's: here are only classes. Ids begin with the figure's own, so that many can stand on one page. What a figure shows, a
 * table beside it has to say, too. */
#ifndef EPMWATCH_PLOT_PANEL_H
#define EPMWATCH_PLOT_PANEL_H

#include <stddef.h>
#include <stdint.h>

#include "plot/axis.h"
#include "plot/svg.h"

/* How right something is. */
enum plot_grade {
	PLOT_OK,
	PLOT_LOW,
	PLOT_MEDIUM,
	PLOT_HIGH,
	PLOT_UNKNOWN,
	PLOT_GRADES,
};

/* What may stand in a key: the grades, and these. */
enum plot_sign {
	PLOT_SIGN_MOVED = PLOT_GRADES,
	PLOT_SIGN_RETURNED,
	PLOT_SIGN_FLIP_FLOP,
	PLOT_SIGN_VANISHED,
	PLOT_SIGN_RESTARTED,
	PLOT_SIGN_ADDITIONAL,
	PLOT_SIGN_REFUSED,
	PLOT_SIGN_VAIN,     /* asked for, and nothing came */
	PLOT_SIGN_INFERRED, /* of a bar: hollow */
	PLOT_SIGN_UNSEEN,   /* of a bar: not seen any more, and not known to be gone */
	PLOT_SIGN_OPEN,     /* of a bar: it goes on */
	PLOT_SIGN_GAP,
	PLOT_SIGN_ALLOWED,
	PLOT_SIGN_RESERVED,
	PLOT_SIGNS,
};

enum {
	PANEL_ID = 32,
	PANEL_LINE = 324,  /* pixels that a telephone has for a line of text */
	PANEL_LETTER = 64, /* what a letter takes of it, in tenths; a bold one a fifth more */
	PANEL_AXIS = 36,   /* pixels that the line of ticks takes */
	PANEL_LEFT =
	    40, /* shares: within these is what has a place on a line; beyond them is room for signs */
	PANEL_RIGHT = 9780,
};

/* Texts are borrowed. */
struct panel {
	const char *kind; /* fleet, timeline, ports, newmail: of the class */
	const char *id;   /* letters, digits, hyphens; unique in the page */
	const char *title;
	const char
	    *about;       /* a sentence or two on what is to be seen, for those who do not see it */
	const char *left; /* what was left out; NULL: nothing */
};

/** panel_begin(s, f, height) / panel_end(s, f, signs): Around what is drawn, which is ${height} pixels high. ${signs}: a set of 1 << sign that the key is to
 * explain. */
void panel_begin(struct svg *s, const struct panel *f, int height);
void panel_end(struct svg *s, const struct panel *f, uint32_t signs);

/** panel_x(share): Of what has a place on a line: shares of the figure. */
unsigned panel_x(unsigned share);

/** panel_label(s, x, y, label, note): A line of text that begins at ${x}; ${note} is less loud, and may be NULL. Cut to what a telephone shows. */
void panel_label(struct svg *s, unsigned x, int y, const char *label, const char *note);

/** panel_bar(s, f, from, to, y, height, grade, class, tip): A bar between two shares of the line. ${class}: more classes, or "". */
void panel_bar(struct svg *s, const struct panel *f, unsigned from, unsigned to, int y, int height,
    enum plot_grade grade, const char *class, const char *tip);

/** panel_sign(s, sign, x, y, line, aside, tip): A small shape there, or so many pixels beside it, and a line down from it of so many pixels. */
void panel_sign(
    struct svg *s, unsigned sign, unsigned x, int y, int line, int aside, const char *tip);

/** panel_block(s, class, from, to, y, height): A plain area, behind what is drawn later. */
void panel_block(struct svg *s, const char *class, unsigned from, unsigned to, int y, int height);

/** panel_axis(s, tick, count, top, bottom): Ticks, as lines from ${top} to ${bottom}, and their labels below. */
void panel_axis(struct svg *s, const struct axis_tick *tick, size_t count, int top, int bottom);

/** panel_id_ok(id): It can be part of an id. */
bool panel_id_ok(const char *id);

/** plot_grade_name(grade): `ok`, `low`, ... `nothing known`. Static storage. */
const char *plot_grade_name(enum plot_grade grade);

/** plot_grade_worse(a, b): Which of them is to be told of two things; that nothing is known only where nothing else is. */
enum plot_grade plot_grade_worse(enum plot_grade a, enum plot_grade b);

#endif
