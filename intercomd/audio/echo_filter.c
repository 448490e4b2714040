/* The arithmetic of echo_filter.py, which says what it is and whose idea it was.
 *
 * In C, for in numpy it takes a small board most of its time: 200 times a second some
 * dozen operations on 16 spectra. The transforms are KISS FFT's. Not thread-safe.
 */

#include <stdlib.h>
#include <string.h>

#include <kissfft/kiss_fftr.h>

enum {
    BLOCK = 240,
    FFT = 2 * BLOCK,
    BINS = BLOCK + 1,
    PARTITIONS = 16,
    /* So many filters are cut to a block's length after each block, in turn. Measured
     * (tests/benchmarks/echo.py): all of them would cost far more for nothing. */
    CUT_EACH_BLOCK = 2,
};

static const float STAYS = 0.9998f; /* how much of the room is the same a block later */
static const float SMOOTHING = 0.5f;
static const float HALF = 0.5f; /* a block is half of its transform */
static const float UNSURE = 0.02f;
/* What is fainter teaches nothing: a power in a block, of noise at -60 dBFS. Measured:
 * without it a room is learnt slower, the more so the quieter the microphone. */
static const float QUIET = 300000.0f;
/* A block teaches something if at some frequency so much of it may be echo; the others
 * are of who is near. Measured: to pass over those costs no echo, and of a call over
 * headsets they are two thirds. */
static const float WORTH_LEARNING = 0.2f;
static const float AUDIBLE = 4.0f; /* mean square of s16 that is worth a look */

typedef kiss_fft_cpx Bin;

typedef struct {
    kiss_fftr_cfg forward, inverse;
    Bin heard[PARTITIONS][BINS]; /* a ring: the newest block is at `newest` */
    float powers[PARTITIONS][BINS];
    Bin room[PARTITIONS][BINS];
    float doubt[PARTITIONS][BINS];
    float near_power[BINS];
    float residual[BINS];
    float far[FFT];
    float rest[FFT];
    int newest;
    int next_cut;
    int silent_blocks;
} EchoKernel;

void echo_free(EchoKernel *echo)
{
    if (echo == NULL)
        return;
    kiss_fftr_free(echo->forward);
    kiss_fftr_free(echo->inverse);
    free(echo);
}

EchoKernel *echo_new(void)
{
    EchoKernel *echo = calloc(1, sizeof *echo);
    if (echo == NULL)
        return NULL;
    echo->forward = kiss_fftr_alloc(FFT, 0, NULL, NULL);
    echo->inverse = kiss_fftr_alloc(FFT, 1, NULL, NULL);
    if (echo->forward == NULL || echo->inverse == NULL) {
        echo_free(echo);
        return NULL;
    }
    for (int p = 0; p < PARTITIONS; p++)
        for (int b = 0; b < BINS; b++)
            echo->doubt[p][b] = UNSURE;
    for (int b = 0; b < BINS; b++)
        echo->near_power[b] = QUIET;
    echo->silent_blocks = PARTITIONS;
    return echo;
}

int echo_is_idle(const EchoKernel *echo)
{
    return echo->silent_blocks >= PARTITIONS;
}

void echo_doubt(EchoKernel *echo)
{
    for (int p = 0; p < PARTITIONS; p++)
        for (int b = 0; b < BINS; b++)
            if (echo->doubt[p][b] < UNSURE)
                echo->doubt[p][b] = UNSURE;
}

static int is_silent(const float *samples, int count)
{
    float sum = 0.0f;
    for (int i = 0; i < count; i++)
        sum += samples[i] * samples[i];
    return sum < AUDIBLE * count;
}

static void write_powers(const Bin *spectrum, float *powers)
{
    for (int b = 0; b < BINS; b++)
        powers[b] = spectrum[b].r * spectrum[b].r + spectrum[b].i * spectrum[b].i;
}

/* Where in the ring the block is that was heard `age` blocks before the newest. */
static int place(const EchoKernel *echo, int age)
{
    return (echo->newest + age) % PARTITIONS;
}

static void hear(EchoKernel *echo, const float *far)
{
    int was_idle = echo_is_idle(echo);
    if (!is_silent(far, BLOCK))
        echo->silent_blocks = 0;
    else if (!was_idle)
        echo->silent_blocks++;
    memmove(echo->far, echo->far + BLOCK, BLOCK * sizeof(float));
    memcpy(echo->far + BLOCK, far, BLOCK * sizeof(float));
    if (echo_is_idle(echo)) {
        if (was_idle)
            return;
        memset(echo->heard, 0, sizeof echo->heard);
        memset(echo->powers, 0, sizeof echo->powers);
        memset(echo->residual, 0, sizeof echo->residual);
        return;
    }
    echo->newest = place(echo, PARTITIONS - 1);
    kiss_fftr(echo->forward, echo->far, echo->heard[echo->newest]);
    write_powers(echo->heard[echo->newest], echo->powers[echo->newest]);
}

static void take_out(EchoKernel *echo, const float *near, float *rest)
{
    Bin sum[BINS] = {{0.0f, 0.0f}};
    float echoed[FFT];
    for (int p = 0; p < PARTITIONS; p++) {
        const Bin *restrict heard = echo->heard[place(echo, p)];
        const Bin *restrict room = echo->room[p];
        for (int b = 0; b < BINS; b++) {
            sum[b].r += heard[b].r * room[b].r - heard[b].i * room[b].i;
            sum[b].i += heard[b].r * room[b].i + heard[b].i * room[b].r;
        }
    }
    kiss_fftri(echo->inverse, sum, echoed);
    for (int i = 0; i < BLOCK; i++)
        rest[i] = near[i] - echoed[BLOCK + i] / FFT;
}

static void step(EchoKernel *echo, const Bin *error, const float *certainty)
{
    for (int p = 0; p < PARTITIONS; p++) {
        const Bin *restrict heard = echo->heard[place(echo, p)];
        const float *restrict powers = echo->powers[place(echo, p)];
        Bin *restrict room = echo->room[p];
        float *restrict doubt = echo->doubt[p];
        for (int b = 0; b < BINS; b++) {
            float trust = doubt[b] * certainty[b];
            room[b].r += trust * (heard[b].r * error[b].r + heard[b].i * error[b].i);
            room[b].i += trust * (heard[b].r * error[b].i - heard[b].i * error[b].r);
            doubt[b] *= 1.0f - HALF * trust * powers[b];
        }
    }
}

/* A filter lasts no longer than a block; its spectrum, once stepped, says otherwise. */
static void cut(EchoKernel *echo, Bin *room)
{
    float filter[FFT];
    kiss_fftri(echo->inverse, room, filter);
    for (int i = 0; i < BLOCK; i++)
        filter[i] /= FFT;
    memset(filter + BLOCK, 0, BLOCK * sizeof(float));
    kiss_fftr(echo->forward, filter, room);
}

static void forget_a_little(EchoKernel *echo)
{
    const float stays_squared = STAYS * STAYS, changes = 1.0f - STAYS * STAYS;
    for (int p = 0; p < PARTITIONS; p++) {
        Bin *restrict room = echo->room[p];
        float *restrict doubt = echo->doubt[p];
        for (int b = 0; b < BINS; b++) {
            room[b].r *= STAYS;
            room[b].i *= STAYS;
            doubt[b] = stays_squared * doubt[b]
                       + changes * (room[b].r * room[b].r + room[b].i * room[b].i);
        }
    }
}

static void learn(EchoKernel *echo, const float *rest)
{
    Bin error[BINS];
    float power[BINS], certainty[BINS], most = 0.0f;

    memcpy(echo->rest + BLOCK, rest, BLOCK * sizeof(float));
    kiss_fftr(echo->forward, echo->rest, error);
    write_powers(error, power);
    memset(echo->residual, 0, sizeof echo->residual);
    for (int p = 0; p < PARTITIONS; p++) {
        const float *restrict powers = echo->powers[place(echo, p)];
        const float *restrict doubt = echo->doubt[p];
        for (int b = 0; b < BINS; b++)
            echo->residual[b] += HALF * powers[b] * doubt[b];
    }
    for (int b = 0; b < BINS; b++) {
        float near = SMOOTHING * echo->near_power[b] + (1.0f - SMOOTHING) * power[b];
        echo->near_power[b] = near > power[b] ? near : power[b];
        certainty[b] = 1.0f / (echo->residual[b] + echo->near_power[b] + QUIET);
        float share = echo->residual[b] * certainty[b];
        most = share > most ? share : most;
    }
    if (most > WORTH_LEARNING) {
        step(echo, error, certainty);
        for (int n = 0; n < CUT_EACH_BLOCK; n++) {
            cut(echo, echo->room[echo->next_cut]);
            echo->next_cut = (echo->next_cut + 1) % PARTITIONS;
        }
    }
    forget_a_little(echo);
}

/* `near` and `far` have two blocks; `rest` gets two, and `residual` has BINS. */
void echo_process(EchoKernel *echo, const float *near, const float *far, float *rest,
                  float *residual)
{
    for (int from = 0; from < 2 * BLOCK; from += BLOCK) {
        hear(echo, far + from);
        if (echo_is_idle(echo)) {
            memcpy(rest + from, near + from, BLOCK * sizeof(float));
            continue;
        }
        take_out(echo, near + from, rest + from);
        learn(echo, rest + from);
    }
    memcpy(residual, echo->residual, sizeof echo->residual);
}
