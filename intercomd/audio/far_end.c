/* The resampling of far_end.py, which says where to read. */

#include <stdint.h>

enum {
    FRAME = 480,
    KEPT = 1 << 17,
    TAPS = 32,
    PHASES = 64,
    PACE_MOST = 2,
    SPAN_MOST = PACE_MOST * FRAME + TAPS,
};

/* Read a frame of the ring of KEPT samples, of which `written` were put so far, from
 * `position` on and `pace` apart. `sincs` has one of TAPS for each of PHASES. */
void far_read(const float *ring, const float *sincs, double position, double pace,
              int64_t written, float *out)
{
    float span[SPAN_MOST];
    int64_t first = (int64_t)position - TAPS / 2 + 1;
    double place = position - (double)(int64_t)position;
    int count = (int)(place + (FRAME - 1) * pace) + TAPS;

    for (int i = 0; i < count; i++)
        span[i] = first + i < written ? ring[(first + i) & (KEPT - 1)] : 0.0f;
    for (int i = 0; i < FRAME; i++) {
        double at = place + i * pace;
        int start = (int)at;
        const float *sinc = sincs + TAPS * (int)((at - start) * PHASES);
        float sum = 0.0f;
        for (int t = 0; t < TAPS; t++)
            sum += span[start + t] * sinc[t];
        out[i] = sum;
    }
}
