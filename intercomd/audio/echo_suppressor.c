/* The arithmetic of echo_suppressor.py, which says what it is. Not thread-safe. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kissfft/kiss_fftr.h>

enum {
    FRAME = 480,
    FFT = 2 * FRAME,
    BINS = FRAME + 1,
    DELAY = 64,
    TAPS = 2 * DELAY + 1,
};

static const float PI = 3.14159265358979f;
static const float LINGERS = 0.6f;
static const float QUICK = 0.7f;
static const float RISES = 0.5f;
static const float LEAST_POWER = 100.0f;
static const float NOISE_RISES = 1.005f;
static const float WINDOW_POWER = 1.5f; /* of the Hann window over two frames, by a block */
static const float ALL_BUT_OPEN = 0.99f;

typedef struct {
    kiss_fftr_cfg forward, inverse;
    float strength, floor;
    float window[FFT];
    float taper[TAPS];
    float frames[FFT];
    float echo[BINS];
    float power[BINS];
    float noise[BINS];
    float gains[BINS];
    float filter[TAPS];
    int is_open;
} Suppressor;

void suppressor_free(Suppressor *s)
{
    if (s == NULL)
        return;
    kiss_fftr_free(s->forward);
    kiss_fftr_free(s->inverse);
    free(s);
}

/* A filter of linear phase with these gains, smoothed over the frequencies. */
static void design(Suppressor *s, const float *gains)
{
    kiss_fft_cpx spectrum[BINS];
    float response[FFT];
    for (int b = 0; b < BINS; b++) {
        spectrum[b].r = gains[b];
        spectrum[b].i = 0.0f;
    }
    kiss_fftri(s->inverse, spectrum, response);
    for (int t = 0; t < TAPS; t++)
        s->filter[t] = s->taper[t] * response[(t - DELAY + FFT) % FFT] / FFT;
}

Suppressor *suppressor_new(float strength, float floor)
{
    Suppressor *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->forward = kiss_fftr_alloc(FFT, 0, NULL, NULL);
    s->inverse = kiss_fftr_alloc(FFT, 1, NULL, NULL);
    if (s->forward == NULL || s->inverse == NULL) {
        suppressor_free(s);
        return NULL;
    }
    s->strength = strength;
    s->floor = floor;
    s->is_open = 1;
    for (int i = 0; i < FFT; i++)
        s->window[i] = 0.5f - 0.5f * cosf(2.0f * PI * i / FFT);
    for (int t = 0; t < TAPS; t++)
        s->taper[t] = 0.5f - 0.5f * cosf(2.0f * PI * (t + 1) / (TAPS + 1));
    for (int b = 0; b < BINS; b++) {
        s->noise[b] = LEAST_POWER;
        s->gains[b] = 1.0f;
    }
    design(s, s->gains);
    return s;
}

/* The gains for what was heard last; the least of them. */
static float choose_gains(Suppressor *s, const float *residual)
{
    float windowed[FFT], least_of_all = 1.0f;
    kiss_fft_cpx spectrum[BINS];
    for (int i = 0; i < FFT; i++)
        windowed[i] = s->window[i] * s->frames[i];
    kiss_fftr(s->forward, windowed, spectrum);
    for (int b = 0; b < BINS; b++) {
        float now = spectrum[b].r * spectrum[b].r + spectrum[b].i * spectrum[b].i;
        s->power[b] += QUICK * (now - s->power[b]);
        s->echo[b] = fmaxf(LINGERS * s->echo[b], WINDOW_POWER * residual[b / 2]);
        s->noise[b] = fmaxf(fminf(NOISE_RISES * s->noise[b], s->power[b]), LEAST_POWER);
        float loud = fmaxf(s->power[b], LEAST_POWER);
        float least = fmaxf(s->floor, fminf(1.0f, sqrtf(s->noise[b] / loud)));
        float gain = fmaxf(least, 1.0f - s->strength * s->echo[b] / loud);
        if (gain > s->gains[b])
            gain = (1.0f - RISES) * s->gains[b] + RISES * gain;
        s->gains[b] = gain;
        least_of_all = fminf(least_of_all, gain);
    }
    return least_of_all;
}

static int16_t s16(float sample)
{
    return (int16_t)lrintf(fminf(fmaxf(sample, INT16_MIN), INT16_MAX));
}

/* `frame` and `out` have FRAME samples, `residual` half as many and one. */
void suppressor_process(Suppressor *s, const float *frame, const float *residual,
                        int is_idle, int16_t *out)
{
    float old[TAPS], least;

    memmove(s->frames, s->frames + FRAME, FRAME * sizeof(float));
    memcpy(s->frames + FRAME, frame, FRAME * sizeof(float));
    if (is_idle && s->is_open) {
        for (int i = 0; i < FRAME; i++)
            out[i] = s16(s->frames[FRAME - DELAY + i]);
        return;
    }
    memcpy(old, s->filter, sizeof old);
    least = choose_gains(s, residual);
    s->is_open = is_idle && least > ALL_BUT_OPEN;
    if (s->is_open)
        for (int b = 0; b < BINS; b++)
            s->gains[b] = 1.0f;
    design(s, s->gains);
    /* The filters are symmetric: it does not matter from which end they are read. */
    for (int i = 0; i < FRAME; i++) {
        const float *sound = s->frames + FRAME - 2 * DELAY + i;
        float before = 0.0f, after = 0.0f;
        for (int t = 0; t < TAPS; t++) {
            before += sound[t] * old[t];
            after += sound[t] * s->filter[t];
        }
        out[i] = s16(before + (after - before) * i / FRAME);
    }
}
