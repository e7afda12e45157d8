/* Preloaded into a process whose wall clock a drill sets: the clock is off by as many seconds as the first eight bytes of the file
   named by CLINIC_CLOCK say, from one call to the next. The monotonic clock stays the machine's, as when an operator sets the time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t zero;
static const volatile int64_t *off = &zero;
static int (*machine_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("CLINIC_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    machine_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (file >= 0)
    {
        void *shared = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (shared != MAP_FAILED)
        {
            off = shared;
        }

        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result;
    if (!machine_clock)
    {
        machine_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    }

    result = machine_clock(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    {
        now->tv_sec += *off;
    }

    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec exact;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    (void)zone;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}

time_t time(time_t *now)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now)
    {
        *now = exact.tv_sec;
    }

    return exact.tv_sec;
}
