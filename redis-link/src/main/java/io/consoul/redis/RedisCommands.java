package io.consoul.redis;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The commands under way, in the order of their deadlines, which is that of their beginnings: so one timer serves all.
 * Confined to one event loop.
 */
final class RedisCommands {

  private final Vertx vertx;
  private final Duration timeOut;
  private final int max;
  private final RedisTraffic traffic;
  private final Consumer<RedisCommand> late;

  /** Those that are done leave when they are the first. */
  private final ArrayDeque<RedisCommand> commands = new ArrayDeque<>();

  private int underWay;
  private long timer = -1;

  /** @param late told of each whose time is over; it has to fail it */
  RedisCommands(
      Vertx vertx, Duration timeOut, int max, RedisTraffic traffic, Consumer<RedisCommand> late) {
    this.vertx = vertx;
    this.timeOut = timeOut;
    this.max = max;
    this.traffic = traffic;
    this.late = late;
  }

  /** Whether there is room for one more. */
  boolean hasRoom() {
    return underWay < max;
  }

  /** @param begin makes the command, given its deadline */
  RedisCommand add(LongFunction<RedisCommand> begin) {
    RedisCommand command = begin.apply(System.nanoTime() + timeOut.toNanos());
    underWay++;
    traffic.begun();
    commands.add(command);
    if (timer < 0) {
      timer = vertx.setPeriodic(Math.max(2, timeOut.toMillis() / 25), id -> tick());
    }
    return command;
  }

  /** To be called once for each that is done. */
  void done() {
    underWay--;
    traffic.done();
    while (!commands.isEmpty() && commands.peek().isDone()) {
      commands.remove();
    }
  }

  List<RedisCommand> all() {
    return List.copyOf(commands);
  }

  private void tick() {
    long now = System.nanoTime();
    for (RedisCommand command = commands.peek();
        command != null && (command.isDone() || command.deadline() - now <= 0);
        command = commands.peek()) {
      commands.remove();
      if (!command.isDone()) {
        late.accept(command);
      }
    }
    if (commands.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }
}
