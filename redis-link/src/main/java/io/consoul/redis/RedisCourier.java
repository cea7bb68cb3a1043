package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Takes commands to the servers that have their keys, and once more, or to another one, where that failed in a way that allows
 * it; each is done within the command time-out. Confined to one event loop.
 */
final class RedisCourier {

  private static final long MOVING_MILLIS = 20;

  private final Vertx vertx;
  private final RedisConfig config;
  private final RedisWatch watch;
  private final RedisCommands commands;
  private final RedisConnections connections;
  private boolean closed;

  RedisCourier(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      RedisWatch watch,
      int maxUnderWay,
      int maxConnections) {
    this.vertx = vertx;
    this.config = config;
    this.watch = watch;
    commands =
        new RedisCommands(vertx, config.commandTimeout(), maxUnderWay, watch.traffic(), this::late);
    connections = new RedisConnections(
        config,
        new RedisDialer(vertx, config, maxUnderWay + 2, use),
        maxConnections,
        watch.traffic(),
        this::lost);
  }

  /** Whether there is room for one more command. */
  boolean hasRoom() {
    return commands.hasRoom();
  }

  /** @param begin makes the command, given its deadline */
  Future<Response> deliver(LongFunction<RedisCommand> begin) {
    RedisCommand command = commands.add(begin);
    attempt(command);
    return command.future();
  }

  /** The servers that take writes. */
  Future<RedisMasters> masters() {
    return connections.masters();
  }

  /** There may be other ones now. */
  void forgetMasters() {
    connections.forgetMasters();
  }

  /** How many are open. */
  int connections() {
    return connections.size();
  }

  /** What is under way fails now: nobody waits for a Redis that is known to be away. */
  void hangUp() {
    commands.all().forEach(command -> finish(command.fail(watch.unavailable())));
    connections.closeAll();
  }

  /** Hangs up for good. */
  void close() {
    closed = true;
    hangUp();
  }

  private void attempt(RedisCommand command) {
    if (command.isDone()) {
      return;
    }
    Future<RedisMasters> known = connections.masters();
    if (known.succeeded()) {
      route(command, known.result());
    } else {
      known.onComplete(found -> route(command, found), failure -> giveUp(command, failure));
    }
  }

  private void route(RedisCommand command, RedisMasters known) {
    if (command.isDone()) {
      return;
    }
    RedisNode node = command.target(known);
    if (node == null) {
      connections.forgetMasters();
      giveUp(command, new RedisTroubleException(RedisTrouble.CLUSTER));
      return;
    }
    RedisWires there = connections.to(node, known.nodes().size());
    RedisWire wire = there.idlest();
    if (wire != null) {
      transmit(command, wire);
    } else {
      there.dial().onComplete(dialled -> transmit(command, dialled), failure -> {
        connections.forgetMasters();
        giveUp(command, failure);
      });
    }
  }

  private void transmit(RedisCommand command, RedisWire wire) {
    if (command.isDone()) {
      return;
    }
    command.sentOn(wire);
    (command.isAsking() ? wire.sendAsking(command.request()) : wire.send(command.request()))
        .onComplete(
            answer -> finish(command.succeed(answer)), failure -> failed(command, wire, failure));
  }

  private void failed(RedisCommand command, RedisWire wire, Throwable failure) {
    if (command.isDone()) {
      return;
    }
    if (failure instanceof ErrorType error) {
      if (error.is("NOSCRIPT") && command.spellOut()) {
        attempt(command);
        return;
      }
      if (config.mode() == RedisConfig.Mode.CLUSTER && redirected(command, wire, error)) {
        return;
      }
    }
    Optional<RedisTrouble> trouble = RedisTrouble.in(failure);
    if (trouble.isEmpty()) {
      finish(command.fail(failure));
    } else if (trouble.get() == RedisTrouble.CLOSED) {
      wire.close();
      again(command, !(failure instanceof ErrorType), failure);
    } else if (trouble.get() == RedisTrouble.NOT_A_MASTER) {
      wire.close();
      connections.forgetMasters();
      again(command, true, failure);
    } else {
      giveUp(command, failure);
    }
  }

  private void again(RedisCommand command, boolean untouched, Throwable failure) {
    if (!closed && !watch.isDown() && command.repeat(untouched)) {
      attempt(command);
    } else {
      giveUp(command, failure);
    }
  }

  /** @return whether it is sent to another server of the cluster, or again in a moment */
  private boolean redirected(RedisCommand command, RedisWire wire, ErrorType error) {
    Optional<RedisRedirection> other = RedisRedirection.in(error, wire.node());
    if (other.isPresent()) {
      if (other.get().isForGood()) {
        connections.forgetMasters();
      }
      if (!command.redirect(other.get())) {
        return false;
      }
      attempt(command);
      return true;
    }
    if (error.is(
        "TRYAGAIN")) { // some of its keys have moved with their slot, the others are about to
      command.startOver();
      vertx.setTimer(MOVING_MILLIS, id -> attempt(command));
      return true;
    }
    return false;
  }

  /** Redis is to blame: the caller is told E110, and the watch why. */
  private void giveUp(RedisCommand command, Throwable failure) {
    if (!command.isDone()) {
      watch.failed(RedisTrouble.in(failure).orElse(RedisTrouble.OTHER));
      finish(command.fail(watch.unavailable()));
    }
  }

  private void finish(boolean first) {
    if (first) {
      commands.done();
    }
  }

  private void late(RedisCommand command) {
    command.timedOut();
    giveUp(command, new RedisTroubleException(RedisTrouble.TIME_OUT));
  }

  /** An idle connection that Redis closed, say: replaced at once, so that the next command need not wait for it. */
  private void lost(RedisNode node) {
    watch.lost();
    if (!closed && !watch.isDown()) {
      connections
          .replace(node)
          .onFailure(failure -> watch.failed(RedisTrouble.in(failure).orElse(RedisTrouble.OTHER)));
    }
  }
}
