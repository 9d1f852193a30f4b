/* sendmail.c - see sendmail.h. */
#include "app/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

enum {
	PIECE = 65536
};

extern char **environ;

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The first of the folders, separated by colons, that has it; owned by the caller, NULL: none. */
static char *
search(const char *folders, const char *name)
{
	while (folders != NULL && *folders != '\0') {
		size_t len = strcspn(folders, ":");
		char *path;

		/* an empty one would mean wherever the program happens to be run */
		if (len > 0 && asprintf(&path, "%.*s/%s", (int)len, folders, name) >= 0) {
			if (is_program(path))
				return path;
			free(path);
		}
		folders += len + (folders[len] == ':');
	}
	return NULL;
}

static char *
find(const char *name)
{
	if (strchr(name, '/') != NULL)
		return is_program(name) ? strdup(name) : NULL;
	char *path = search(getenv("PATH"), name);
	return path != NULL ? path : search("/usr/sbin:/usr/lib", name);
}

/* It reads the pipe, and what it has to say is no data of ours. */
static int
spawn(const char *path, const int fd[2], pid_t *child)
{
	char *const argv[] = {(char *)(uintptr_t)path, (char[]){"-oi"}, (char[]){"-t"}, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t normal;

	sigemptyset(&normal);
	sigaddset(&normal, SIGPIPE);
	int err = posix_spawn_file_actions_init(&actions);
	if (err != 0)
		return -err;
	if ((err = posix_spawnattr_init(&attributes)) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -err;
	}
	posix_spawnattr_setsigdefault(&attributes, &normal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_adddup2(&actions, fd[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	err = posix_spawn(child, path, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* False: nobody reads any more, or the message cannot be read. */
static bool
pour(FILE *message, int fd)
{
	char piece[PIECE];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), message)) > 0)
		if (!write_all(fd, piece, n))
			return false;
	return !ferror(message);
}

static int
ended(const char *path, pid_t child, bool whole)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR) {
			log_error("%s: %s", path, strerror(errno));
			return -EIO;
		}
	if (WIFSIGNALED(status))
		log_error("%s was ended by signal %d", path, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_error("%s failed with exit status %d", path, WEXITSTATUS(status));
	else if (!whole)
		log_error("%s did not take the whole message", path);
	else
		return 0;
	return -EIO;
}

static int
failed(const char *what, int err)
{
	log_error("%s: %s", what, err_text(err));
	return err;
}

static int
send_by(const char *path, FILE *message)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	pid_t child = -1;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return failed("pipe", -errno);
	int err = spawn(path, fd, &child);
	close(fd[0]);
	if (err != 0) {
		close(fd[1]);
		return failed(path, err);
	}
	/* who stops reading is told of by its exit status */
	sigaction(SIGPIPE, &ignore, &before);
	rewind(message);
	bool whole = pour(message, fd[1]);
	close(fd[1]);
	sigaction(SIGPIPE, &before, NULL);
	return ended(path, child, whole);
}

int
sendmail_run(const char *program, FILE *message)
{
	const char *name = program == NULL ? "sendmail" : program;
	char *path = find(name);

	if (path == NULL) {
		log_error("there is no program %s to send mail with; --sendmail names one", name);
		return -ENOENT;
	}
	int err = send_by(path, message);
	free(path);
	return err;
}
