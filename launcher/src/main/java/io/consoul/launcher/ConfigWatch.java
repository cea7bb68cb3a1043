package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.FileMark;
import io.consoul.message.Kind;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the files of the configuration have changed, those with secrets too, and hands on what was read: the whole of
 * it or, where there is a mistake in it, nothing. A file counts as changed once it has not gone on changing from one look to
 * the next, so that one that is being written is left alone.
 */
final class ConfigWatch {

  private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);

  /** Settings in one line of the log. */
  private static final int MOST_TOLD = 40;

  private final Supplier<Options.Read> reader;
  private final Consumer<Configuration> changed;
  private final Options.Read started;
  private Options.Read inForce;

  /** What was said of those that need a restart. */
  private Collection<String> waiting = List.of();

  /** All files that were ever read, each as it was then: one that a mistake hides may be put right. */
  private final Map<Path, FileMark> known = new HashMap<>();

  private Map<Path, FileMark> before;

  /** Whether what was read last has a mistake. */
  private boolean mistaken;

  /** Whether a verticle has not taken over what is in the files: then it is tried again though they do not change. */
  private boolean stuck;

  private volatile boolean stopped;

  /**
   * @param inForce what the node was started with
   * @param reader reads everything anew
   * @param changed told the new configuration, on a worker thread; throws {@link IllegalStateException} when it is not in force
   *     everywhere
   */
  ConfigWatch(
      Options.Read inForce, Supplier<Options.Read> reader, Consumer<Configuration> changed) {
    this.started = inForce;
    this.inForce = inForce;
    this.reader = reader;
    this.changed = changed;
    known.putAll(inForce.report().sources());
    before = Map.copyOf(known);
  }

  /** To be stopped before the Vertx closes. */
  void start(Vertx vertx, Duration interval) {
    if (!interval.isZero()) {
      lookIn(vertx, interval.toMillis());
    }
  }

  /** It looks no more: there would be no thread for that while the Vertx closes. On any thread. */
  void stop() {
    stopped = true;
  }

  private void lookIn(Vertx vertx, long millis) {
    vertx.setTimer(millis, id -> {
      if (!stopped) {
        lookAndGoOn(vertx, millis);
      }
    });
  }

  private void lookAndGoOn(Vertx vertx, long millis) {
    vertx
        .executeBlocking(() -> {
          look();
          return null;
        })
        .onFailure(failure -> log.error(
            "the configuration could not be read again and taken over: {}",
            failure.getClass().getSimpleName()))
        .onComplete(done -> lookIn(vertx, millis));
  }

  /** Never on two threads at once. */
  void look() {
    Map<Path, FileMark> now = new HashMap<>();
    known.keySet().forEach(file -> now.put(file, FileMark.of(file)));
    boolean settled = now.equals(before);
    before = now;
    boolean changes = !now.equals(known);
    if (!settled || !changes && !stuck) {
      return;
    }
    known.putAll(now); // whatever mistake is in it: it is not read again before something changes
    Options.Read read = reader.get();
    known.putAll(read.report().sources());
    if (read.report().problems().isEmpty()) {
      read.configuration().checkBeside(started.configuration(), read.report());
    }
    List<String> mistakes = new ArrayList<>(read.report().problems());
    gone(read.report()).forEach(file -> mistakes.add(file + " is not there any more"));
    if (mistakes.isEmpty()) {
      takeOver(read);
    } else {
      stuck = false;
      mistaken = true;
      log.warn(
          "the configuration was changed and has a mistake; all of it stays as it was: {}",
          String.join("; ", mistakes));
    }
  }

  /** At a start such a file may be missing; while a node runs it is rather a disk that is, and the keys and limits with it. */
  private Stream<Path> gone(ConfigReport report) {
    Map<Path, FileMark> were = inForce.report().sources();
    return report.sources().entrySet().stream()
        .filter(file -> !file.getValue().isThere())
        .map(Map.Entry::getKey)
        .filter(file -> were.containsKey(file) && were.get(file).isThere());
  }

  private void takeOver(Options.Read read) {
    ConfigChange change = ConfigChange.between(inForce.report(), read.report());
    Set<String> warnings = new LinkedHashSet<>(read.overrides().warnings());
    warnings.removeAll(inForce.overrides().warnings());
    if (!isTakenOver(read.configuration())) {
      return;
    }
    inForce = read;
    List<String> live = change.live().stream().filter(this::concernsUs).toList();
    if (!live.isEmpty()) {
      log.info("the configuration was changed; now in force: {}", listed(live));
    } else if (mistaken) {
      log.info(
          "the configuration has no mistake any more; nothing that is in force here has changed");
    }
    mistaken = false;
    tellWhatWaits(ConfigChange.between(started.report(), read.report()).waiting());
    warnings.forEach(warning -> log.warn("the configuration was changed: {}", warning));
  }

  /** Whether a kind runs here that goes by it. */
  private boolean concernsUs(String setting) {
    VerticleList here = started.configuration().node().verticles();
    return Arrays.stream(Kind.values())
        .filter(kind -> !here.has(kind))
        .noneMatch(kind -> setting.startsWith(kind.wireName() + ".json: "));
  }

  private boolean isTakenOver(Configuration read) {
    try {
      changed.accept(read);
      stuck = false;
    } catch (IllegalStateException failed) {
      if (!stuck) {
        log.error(
            "the configuration was changed and is not in force as a whole, {}; it is tried again until it is",
            failed.getMessage());
      }
      stuck = true;
    }
    return !stuck;
  }

  private void tellWhatWaits(Collection<String> now) {
    if (now.equals(waiting)) {
      return;
    }
    waiting = now;
    if (now.isEmpty()) {
      log.info("the configuration was changed; nothing in it waits for a restart any more");
    } else {
      log.warn("the configuration was changed; only a restart brings into force: {}", listed(now));
    }
  }

  private static String listed(Collection<String> settings) {
    String told = settings.stream().limit(MOST_TOLD).collect(Collectors.joining(", "));
    int more = settings.size() - MOST_TOLD;
    return more > 0 ? told + " and " + more + " more" : told;
  }
}
