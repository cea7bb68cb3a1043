package io.consoul.provider;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Notices providers that have fallen silent: Vert.x's own request time-outs end with the response's head. One timer of
 * the verticle instance drives all its watches; confined to its event loop.
 */
public final class Watchdog {

  private final InstantSource clock;
  private final Set<Watch> watches = new LinkedHashSet<>();

  public Watchdog(InstantSource clock) {
    this.clock = clock;
  }

  /** @param onSilence called once, after which the watch is closed */
  public Watch watch(Duration limit, Runnable onSilence) {
    Watch watch = new Watch(limit.toMillis(), onSilence);
    watches.add(watch);
    return watch;
  }

  /** Number of open watches. */
  public int size() {
    return watches.size();
  }

  /** To be called often, compared with the limits. */
  public void tick() {
    long now = clock.millis();
    List<Watch> silent = watches.stream().filter(watch -> watch.isSilent(now)).toList();
    silent.forEach(Watch::bark);
  }

  /** One stream under observation. */
  public final class Watch {

    private final long limit;
    private final Runnable onSilence;
    private long last = clock.millis();
    private boolean paused;

    private Watch(long limit, Runnable onSilence) {
      this.limit = limit;
      this.onSilence = onSilence;
    }

    /** There was a sign of life. */
    public void touch() {
      last = clock.millis();
    }

    /** From now on the silence is our own doing. */
    public void pause() {
      paused = true;
    }

    public void resume() {
      paused = false;
      touch();
    }

    public void close() {
      watches.remove(this);
    }

    private boolean isSilent(long now) {
      return !paused && now - last >= limit;
    }

    private void bark() {
      if (watches.remove(this)) {
        onSilence.run();
      }
    }
  }
}
