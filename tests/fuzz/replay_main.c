/* replay_main.c - a plain main for fuzz targets: runs the inputs it is given, files or folders of
 * files, once each.
 *
 * Where the first argument is -v, every file is named before it is run, so that a crash tells which
 * one it was. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum {
	INPUT_MAX = 1 << 20
};

static bool verbose;
static size_t inputs;

/* The input lies in memory of exactly its size, so that a sanitizer sees the first byte beyond it.
 */
static int
run_bytes(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	if (exact == NULL)
		return -1;
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	inputs++;
	return 0;
}

static int
run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	if (verbose)
		fprintf(stderr, "%s\n", path);
	return run_bytes(data, size);
}

static int
run_folder(const char *path)
{
	struct dirent **entry = NULL;
	int count = scandir(path, &entry, NULL, alphasort), result = count < 0 ? -1 : 0;

	for (int i = 0; i < count; i++) {
		char name[4096];

		snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' && run_file(name) != 0)
			result = -1;
		free(entry[i]);
	}
	free(entry);
	return result;
}

static int
run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	return S_ISDIR(st.st_mode) ? run_folder(path) : run_file(path);
}

int
main(int argc, char **argv)
{
	int result = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			verbose = true;
		else if (run_path(argv[i]) != 0)
			result = 1;
	}
	printf("%zu inputs\n", inputs);
	return inputs > 0 ? result : 1;
}
