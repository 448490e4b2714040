/* An ALSA plug-in that is a sound card as hardware is: one rate, one format, a buffer
 * that overruns and underruns, and every fault a real one has.
 *
 * A card is a folder. `card` in it says "RATE CHANNELS FORMAT"; without that file the
 * card is unplugged. `fault` holds "stall", "suspend", "broken" or "xrun" (once). What is played
 * is appended to `played`; what is captured is a tone of 500 Hz at half of full scale.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

typedef struct {
	snd_pcm_ioplug_t io;
	char card[300], fault[300], played[300];
	unsigned int rate, channels;
	int output, running;
	int64_t began_ns, stalled_ns;
	int64_t moved;	/* frames written or read since the last prepare */
} card_t;

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int fault_is(card_t *card, const char *kind)
{
	char text[16] = "";
	FILE *file = fopen(card->fault, "r");
	if (!file)
		return 0;
	int found = fscanf(file, "%15s", text) == 1 && strcmp(text, kind) == 0;
	fclose(file);
	return found;
}

static int64_t position(card_t *card)
{
	int64_t now = now_ns();
	if (fault_is(card, "stall") || fault_is(card, "suspend")) {
		if (!card->stalled_ns)
			card->stalled_ns = now;
		now = card->stalled_ns;
	} else if (card->stalled_ns) {
		card->began_ns += now - card->stalled_ns;
		card->stalled_ns = 0;
	}
	return (now - card->began_ns) * card->rate / 1000000000LL;
}

static int card_start(snd_pcm_ioplug_t *io)
{
	card_t *card = io->private_data;
	struct itimerspec every = {0};
	int64_t period_ns = io->period_size * 1000000000LL / io->rate;
	every.it_value.tv_nsec = every.it_interval.tv_nsec = period_ns;
	timerfd_settime(io->poll_fd, 0, &every, NULL);
	card->began_ns = now_ns();
	card->stalled_ns = 0;
	card->running = 1;
	position(card); /* which stands still from the start, if it is to */
	return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
	card_t *card = io->private_data;
	struct itimerspec never = {0};
	timerfd_settime(io->poll_fd, 0, &never, NULL);
	card->running = 0;
	return 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
	card_t *card = io->private_data;
	int64_t at = card->running ? position(card) : 0;
	int64_t waiting = io->stream == SND_PCM_STREAM_CAPTURE ? at - card->moved
							      : card->moved - at;
	/* What ALSA answers to anything that is done in such a state. */
	if (access(card->card, F_OK))
		snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
	else if (card->running && fault_is(card, "suspend"))
		snd_pcm_ioplug_set_state(io, SND_PCM_STATE_SUSPENDED);
	if (fault_is(card, "broken"))
		return -EPIPE;
	if (fault_is(card, "xrun")) {
		unlink(card->fault);
		return -EPIPE;
	}
	if (card->running && (waiting < 0 || waiting > (int64_t)io->buffer_size))
		return -EPIPE;
	return at % io->buffer_size;
}

static void put_tone(card_t *card, void *to, int64_t at)
{
	double level = 0.5 * sin(2 * M_PI * 500 * at / card->rate);
	if (card->io.format == SND_PCM_FORMAT_S16_LE)
		*(int16_t *)to = lrint(level * 32767);
	else
		*(int32_t *)to = lrint(level * 2147483647.0);
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io,
				       const snd_pcm_channel_area_t *areas,
				       snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
	card_t *card = io->private_data;
	unsigned int step = areas[0].step / 8, width = step / io->channels;
	char *first = (char *)areas[0].addr + areas[0].first / 8 + offset * step;
	if (io->stream == SND_PCM_STREAM_PLAYBACK) {
		if (write(card->output, first, size * step) < 0)
			return -EIO;
	} else {
		for (snd_pcm_uframes_t i = 0; i < size; i++)
			for (unsigned int c = 0; c < io->channels; c++)
				put_tone(card, first + i * step + c * width,
					 card->moved + i);
	}
	card->moved += size;
	return size;
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
	card_t *card = io->private_data;
	card->moved = 0;
	return 0;
}

static int card_close(snd_pcm_ioplug_t *io)
{
	card_t *card = io->private_data;
	close(io->poll_fd);
	close(card->output);
	free(card);
	return 0;
}

static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *pfd, unsigned int nfds,
			unsigned short *revents)
{
	uint64_t expired;
	*revents = 0;
	if (nfds && (pfd[0].revents & POLLIN) &&
	    read(io->poll_fd, &expired, sizeof(expired)) > 0)
		*revents = io->stream == SND_PCM_STREAM_CAPTURE ? POLLIN : POLLOUT;
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = card_start,
	.stop = card_stop,
	.pointer = card_pointer,
	.transfer = card_transfer,
	.prepare = card_prepare,
	.close = card_close,
	.poll_revents = card_revents,
};

static int constrain(card_t *card, snd_pcm_format_t format)
{
	const unsigned int accesses[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
	const unsigned int formats[] = {format};
	unsigned int frame = card->channels * snd_pcm_format_physical_width(format) / 8;
	snd_pcm_ioplug_t *io = &card->io;
	int error = 0;
	error |= snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, accesses);
	error |= snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats);
	error |= snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS,
						 card->channels, card->channels);
	error |= snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, card->rate,
						 card->rate);
	error |= snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES,
						 16 * frame, 4096 * frame);
	error |= snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 32);
	return error;
}

SND_PCM_PLUGIN_DEFINE_FUNC(fake)
{
	snd_config_iterator_t i, next;
	const char *folder = NULL, *id = NULL;
	char format[16];
	snd_config_for_each(i, next, conf) {
		snd_config_t *entry = snd_config_iterator_entry(i);
		const char *key;
		if (snd_config_get_id(entry, &key) < 0)
			continue;
		if (!strcmp(key, "folder"))
			snd_config_get_string(entry, &folder);
		if (!strcmp(key, "card"))
			snd_config_get_string(entry, &id);
	}
	if (!folder || !id)
		return -EINVAL;
	card_t *card = calloc(1, sizeof(*card));
	snprintf(card->card, sizeof(card->card), "%s/%s/card", folder, id);
	snprintf(card->fault, sizeof(card->fault), "%s/%s/fault", folder, id);
	snprintf(card->played, sizeof(card->played), "%s/%s/played", folder, id);
	FILE *file = fopen(card->card, "r");
	int read = file ? fscanf(file, "%u %u %15s", &card->rate, &card->channels, format)
			: 0;
	if (file)
		fclose(file);
	if (read != 3) {
		free(card);
		return -ENODEV;
	}
	card->output = open(card->played, O_WRONLY | O_CREAT | O_APPEND, 0600);
	card->io.version = SND_PCM_IOPLUG_VERSION;
	card->io.name = "a fake card";
	card->io.callback = &callbacks;
	card->io.private_data = card;
	card->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	card->io.poll_events = POLLIN;
	int error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
	if (error >= 0)
		error = constrain(card, snd_pcm_format_value(format));
	if (error < 0)
		return error;
	*pcmp = card->io.pcm;
	return 0;
}

SND_PCM_PLUGIN_SYMBOL(fake);
