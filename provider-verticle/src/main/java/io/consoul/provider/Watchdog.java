package io.consoul.provider;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Notices providers that have fallen silent: Vert.x's own request time-outs end with the response's head. One timer of
 * the verticle instance drives all its watches; confined to its event loop. Time in which the process slept counts for nobody.
 */
public final class Watchdog {

  /**
   * Nanoseconds between two looks at the clock after which it was us who slept, not the providers: what they said meanwhile has not been
   * read yet.
   */
  private static final long OWN_PAUSE = Duration.ofSeconds(1).toNanos();

  private final LongSupplier clock;
  private final Set<Watch> watches = new LinkedHashSet<>();
  private long lastLook;

  /** What we slept in all. */
  private long slept;

  /** @param clock nanoseconds that only grow, whatever becomes of the time of day: {@link System#nanoTime} */
  public Watchdog(LongSupplier clock) {
    this.clock = clock;
    this.lastLook = clock.getAsLong();
  }

  /** @param onSilence called once, after which the watch is closed */
  public Watch watch(Duration limit, Runnable onSilence) {
    Watch watch = new Watch(limit.toNanos(), onSilence);
    watches.add(watch);
    return watch;
  }

  /** Number of open watches. */
  public int size() {
    return watches.size();
  }

  /** To be called often, compared with the limits. */
  public void tick() {
    long now = now();
    List<Watch> silent = watches.stream().filter(watch -> watch.isSilent(now)).toList();
    silent.forEach(Watch::bark);
  }

  /** Also what comes is a sign that time has passed: after a pause it may be read before the next tick. */
  private long now() {
    long time = clock.getAsLong();
    long since = time - lastLook;
    lastLook = time;
    if (since > OWN_PAUSE) {
      slept += since;
    }
    return time - slept;
  }

  /** One stream under observation. */
  public final class Watch {

    private final long limit;
    private final Runnable onSilence;
    private long last = now();
    private boolean paused;

    private Watch(long limit, Runnable onSilence) {
      this.limit = limit;
      this.onSilence = onSilence;
    }

    /** There was a sign of life. */
    public void touch() {
      last = now();
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
