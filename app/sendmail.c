/* sendmail.c - see sendmail.h. */
#include "app/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/bell.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum {
	PIECE = 65536,
	GRACE_MS = 2000, /* to end by itself, once it was told to */
	NAP_MS = 20,
};

#define NS_PER_MS (NS_PER_S / 1000)

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

/* Milliseconds up to that time; 0: none. */
static int
left_ms(int64_t until_ns)
{
	int64_t ns = until_ns - bell_now();

	return ns <= 0 ? 0 : ns / NS_PER_MS >= INT32_MAX ? INT32_MAX : (int)(ns / NS_PER_MS) + 1;
}

static bool
write_all(int fd, const char *data, size_t len, int64_t until_ns)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EAGAIN && left_ms(until_ns) > 0) {
			(void)poll(&room, 1, left_ms(until_ns));
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* False: nobody reads any more, or not in time, or the message cannot be read. */
static bool
pour(FILE *message, int fd, int64_t until_ns)
{
	char piece[PIECE];
	size_t n;

	/* the end that it reads from stays as it is: that is a description of its own */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((n = fread(piece, 1, sizeof(piece), message)) > 0)
		if (!write_all(fd, piece, n, until_ns))
			return false;
	return !ferror(message);
}

/* Did it end in time? Negative: that cannot be known. */
static int
wait_until(pid_t child, int64_t until_ns, int *status)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * NS_PER_MS};
	pid_t got;

	while ((got = waitpid(child, status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (left_ms(until_ns) == 0)
			return 0;
		(void)nanosleep(&nap, NULL);
	}
	return got < 0 ? -errno : 1;
}

/* It has had its time. */
static int
give_up(const char *path, pid_t child)
{
	int status;

	log_error("%s took too long, and was ended", path);
	(void)kill(child, SIGTERM);
	if (wait_until(child, bell_now() + GRACE_MS * NS_PER_MS, &status) == 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
	}
	return -EIO;
}

static int
ended(const char *path, pid_t child, bool whole, int64_t until_ns)
{
	int status, known = wait_until(child, until_ns, &status);

	if (known == 0)
		return give_up(path, child);
	if (known < 0) {
		log_error("%s: %s", path, err_text(known));
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
send_by(const char *path, FILE *message, int64_t patience_ms)
{
	const int64_t until_ns = bell_now() + patience_ms * NS_PER_MS;
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
	bool whole = pour(message, fd[1], until_ns);
	close(fd[1]);
	sigaction(SIGPIPE, &before, NULL);
	return ended(path, child, whole, until_ns);
}

int
sendmail_run(const char *program, FILE *message, int64_t patience_ms)
{
	const char *name = program == NULL ? "sendmail" : program;
	char *path = find(name);

	if (path == NULL) {
		log_error("there is no program %s to send mail with; --sendmail names one", name);
		return -ENOENT;
	}
	int err = send_by(path, message, patience_ms);
	free(path);
	return err;
}
