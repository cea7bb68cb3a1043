package io.consoul.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Which script answers a request to one model, and which the next one. */
@FunctionalInterface
interface Scripts {

  /** So many questions are remembered. */
  int REMEMBERED = 10_000;

  Script next(ModelRequest request);

  /** One for one request after another; the last one stays. */
  static Scripts inTurn(Script first, Script... then) {
    List<Script> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(then));
    AtomicInteger taken = new AtomicInteger();
    return request -> all.get(Math.min(taken.getAndIncrement(), all.size() - 1));
  }

  /** The first time that a question is asked another one than for every further time; retries and rescues ask it again. */
  static Scripts once(Script first, Script then) {
    Set<String> asked = Collections.newSetFromMap(new LinkedHashMap<>() {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
        return size() > REMEMBERED;
      }
    });
    return request -> {
      synchronized (asked) {
        return asked.add(request.question()) ? first : then;
      }
    };
  }

  /** Down for some time from the first request on, and up from then. */
  static Scripts flapping(Script down, Script up, Duration time, InstantSource clock) {
    AtomicReference<Instant> end = new AtomicReference<>();
    return request -> {
      Instant now = clock.instant();
      end.compareAndSet(null, now.plus(time));
      return now.isBefore(end.get()) ? down : up;
    };
  }
}
