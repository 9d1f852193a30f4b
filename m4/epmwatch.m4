# epmwatch.m4 - compiler and linker flags: taken where known, demanded where asked for.

# EPMW_CFLAGS_IF_KNOWN(VARIABLE, FLAGS): append each of FLAGS that the compiler takes.
AC_DEFUN([EPMW_CFLAGS_IF_KNOWN], [
for epmw_flag in m4_normalize([$2]); do
	epmw_save=$CFLAGS
	CFLAGS="$CFLAGS -Werror $epmw_flag"
	AC_MSG_CHECKING([whether $CC takes $epmw_flag])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
	  [AC_MSG_RESULT([yes]); $1="$$1 $epmw_flag"], [AC_MSG_RESULT([no])])
	CFLAGS=$epmw_save
done])

# EPMW_CFLAGS_REQUIRED(VARIABLE, FLAGS): append FLAGS, or stop if they do not compile and link.
AC_DEFUN([EPMW_CFLAGS_REQUIRED], [
	epmw_save=$CFLAGS
	CFLAGS="$CFLAGS $2"
	AC_MSG_CHECKING([whether $CC takes $2])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
	  [AC_MSG_RESULT([yes]); $1="$$1 $2"],
	  [AC_MSG_RESULT([no]); AC_MSG_ERROR([$CC cannot build with $2])])
	CFLAGS=$epmw_save])

# EPMW_LDFLAGS_IF_KNOWN(VARIABLE, FLAGS): append each of FLAGS that links.
AC_DEFUN([EPMW_LDFLAGS_IF_KNOWN], [
for epmw_flag in m4_normalize([$2]); do
	epmw_save=$LDFLAGS
	LDFLAGS="$LDFLAGS $epmw_flag"
	AC_MSG_CHECKING([whether the linker takes $epmw_flag])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
	  [AC_MSG_RESULT([yes]); $1="$$1 $epmw_flag"], [AC_MSG_RESULT([no])])
	LDFLAGS=$epmw_save
done])

# EPMW_NDPI_CALL(WHETHER, FLAG, CODE): append FLAG to NDPI_CALLS if CODE compiles with nDPI's header.
AC_DEFUN([EPMW_NDPI_CALL], [
	AC_MSG_CHECKING([$1])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <ndpi_api.h>]], [$3])],
	  [AC_MSG_RESULT([yes]); NDPI_CALLS="$NDPI_CALLS $2"], [AC_MSG_RESULT([no])])])
