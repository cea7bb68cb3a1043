package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.trace.RequestContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the shelter of a node without a cluster stores, on disk before it is acknowledged, so that kill -9 in an outage loses
 * none of it. One for all instances of a JVM, which may use it on any thread; it writes on a thread of its own, and everything
 * that came during one write with the next.
 *
 * <p>Failures: E110 where it is full or cannot be written.
 */
final class OutageJournal {

  static final long MAX_BYTES = 64L * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(OutageJournal.class);

  /** A line that waits to be written. */
  private static final class Line {
    final byte[] text;
    final Runnable onWritten;
    final Runnable onFailed;

    /** On disk; of the worker. */
    boolean written;

    boolean failed;

    Line(byte[] text, Runnable onWritten, Runnable onFailed) {
      this.text = text;
      this.onWritten = onWritten;
      this.onFailed = onFailed;
    }
  }

  /** The last entry of a session, and the last one that is known on disk to be merged: by their numbers. */
  private static final class Count {
    int written;
    int merged;

    boolean isOpen() {
      return written > merged;
    }
  }

  private final Vertx vertx;
  private final JournalFile file;
  private final long maxBytes;

  /**
   * None of Vert.x: that would end with the verticle that made it, while others still write, and drop what waits for it.
   */
  private final ExecutorService worker = Executors.newSingleThreadExecutor(work -> {
    Thread thread = new Thread(work, "consoul-outage-journal");
    thread.setDaemon(true);
    return thread;
  });

  // The rest is guarded by this.
  private final Map<String, Count> counts = new HashMap<>();
  private final List<Line> waiting = new ArrayList<>();
  private long bytes;

  /** Sessions with entries that are not merged. */
  private int unmerged;

  /** Of the last entry. It goes on when the journal is emptied, so that a position from before means nothing later. */
  private int number;

  private boolean closed;

  /** Begins with {@link #open}. */
  OutageJournal(Vertx vertx, JournalFile file, long maxBytes) {
    this.vertx = vertx;
    this.file = file;
    this.maxBytes = maxBytes;
  }

  /** @return what is in it and not merged, by session, in its order */
  Future<Map<String, List<JournalEntry>>> open() {
    return onWorker(this::read);
  }

  /** Succeeds when the entry is on disk. */
  synchronized Future<Void> append(JournalEntry entry) {
    if (closed || bytes >= maxBytes) {
      return Future.failedFuture(full());
    }
    Count count = counts.computeIfAbsent(entry.sessionKey(), key -> new Count());
    int before = count.written;
    int own = ++number;
    unmerged += count.isOpen() ? 0 : 1;
    count.written = own;
    return written(wait(entry.toJson().put("n", own), () -> {}, () -> {
      if (count.written == own) {
        count.written = before;
        unmerged -= count.isOpen() ? 0 : 1;
      }
    }));
  }

  static FaultException full() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        5, "the journal for turns of this outage is full; try again when the store is back");
  }

  /** Whether there is room for another turn. */
  synchronized boolean hasRoom() {
    return bytes < maxBytes;
  }

  /** Of the last entry of this session; 0 where there is none. */
  synchronized int position(String sessionKey) {
    Count count = counts.get(sessionKey);
    return count == null ? 0 : count.written;
  }

  /**
   * Succeeds when it is on disk that Redis has these entries.
   *
   * @param position of the last of them, as {@link #position} told it
   */
  synchronized Future<Void> merged(String sessionKey, int position) {
    Count count = counts.get(sessionKey);
    if (closed || count == null || position <= count.merged) {
      return Future.succeededFuture();
    }
    return written(wait(
        new JsonObject().put("session", sessionKey).put("merged", position),
        () -> {
          boolean open = count.isOpen();
          count.merged = Math.max(count.merged, position);
          unmerged -= open && !count.isOpen() ? 1 : 0;
        },
        () -> {}));
  }

  /** What came before is written first. */
  synchronized Future<Void> close() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    Future<Void> done = onWorker(() -> {
      writeAll();
      file.close();
      return null;
    });
    worker.shutdown();
    return done;
  }

  /** @return completes on the context that calls */
  private <T> Future<T> onWorker(Callable<T> work) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> done = RequestContext.promise();
    worker.execute(() -> {
      Future<T> result = result(work);
      caller.runOnContext(now -> result.onComplete(done));
    });
    return done.future();
  }

  private static <T> Future<T> result(Callable<T> work) {
    try {
      return Future.succeededFuture(work.call());
    } catch (Throwable failed) {
      return Future.failedFuture(failed);
    }
  }

  private Line wait(JsonObject json, Runnable onWritten, Runnable onFailed) {
    Line line = new Line(JournalFile.line(json.encode().getBytes(UTF_8)), onWritten, onFailed);
    waiting.add(line);
    bytes += line.text.length;
    return line;
  }

  private Future<Void> written(Line line) {
    return onWorker(() -> {
      if (!line.written && !line.failed) {
        writeAll();
      }
      if (!line.written) {
        throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
            5, "the journal for turns of this outage cannot be written; try again in a moment");
      }
      return null;
    });
  }

  /** On the worker. */
  private void writeAll() {
    List<Line> lines;
    synchronized (this) {
      lines = new ArrayList<>(waiting);
      waiting.clear();
    }
    if (lines.isEmpty()) {
      return;
    }
    try {
      file.append(lines.stream().map(line -> line.text).toList());
    } catch (IOException | RuntimeException failed) {
      log.error(
          "the journal of outages cannot be written ({}): what cannot be kept is refused; "
              + "see to its disk, or set CONSOUL_REDIS_FALLBACK_JOURNAL to another file",
          reason(failed));
      synchronized (this) {
        Collections.reverse(lines);
        lines.forEach(line -> {
          line.failed = true;
          bytes -= line.text.length;
          line.onFailed.run();
        });
      }
      return;
    }
    synchronized (this) {
      lines.forEach(line -> {
        line.written = true;
        line.onWritten.run();
      });
    }
    emptyWhenMerged();
  }

  private void emptyWhenMerged() {
    synchronized (this) {
      if (unmerged > 0 || !waiting.isEmpty()) {
        return;
      }
      counts.clear();
      bytes = 0;
    }
    try {
      file.empty();
    } catch (IOException failed) {
      log.error("the journal of outages cannot be emptied ({})", reason(failed));
      synchronized (this) {
        bytes += file.size();
      }
    }
  }

  private static String reason(Exception failed) {
    return failed instanceof JournalFile.InUse
        ? "another process has it open"
        : failed.getClass().getSimpleName();
  }

  private Map<String, List<JournalEntry>> read() {
    Map<String, Map<Integer, JournalEntry>> found = new LinkedHashMap<>();
    try {
      for (byte[] text : file.open()) {
        read(new JsonObject(new String(text, UTF_8)), found);
      }
    } catch (IOException failed) {
      log.error(
          "the journal of outages cannot be opened ({}): in an outage turns are refused; "
              + "see to its folder, or set CONSOUL_REDIS_FALLBACK_JOURNAL to another file",
          reason(failed));
    }
    Map<String, List<JournalEntry>> entries = new LinkedHashMap<>();
    found.forEach((session, numbered) -> {
      if (!numbered.isEmpty()) {
        entries.put(session, List.copyOf(numbered.values()));
      }
    });
    synchronized (this) {
      bytes = file.size();
      unmerged = entries.size();
    }
    if (bytes > 0) {
      emptyWhenMerged(); // it crashed just before
    }
    return entries;
  }

  private void read(JsonObject json, Map<String, Map<Integer, JournalEntry>> found) {
    String session = json.getString("session");
    Map<Integer, JournalEntry> entries =
        found.computeIfAbsent(session, key -> new LinkedHashMap<>());
    Integer merged = json.getInteger("merged");
    synchronized (this) {
      Count count = counts.computeIfAbsent(session, key -> new Count());
      if (merged == null) {
        count.written = json.getInteger("n");
        number = Math.max(number, count.written);
        entries.put(count.written, JournalEntry.fromJson(json));
      } else {
        count.merged = merged;
        entries.keySet().removeIf(number -> number <= merged);
      }
    }
  }
}
