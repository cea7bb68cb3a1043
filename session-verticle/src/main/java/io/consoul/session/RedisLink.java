package io.consoul.session;

import io.consoul.fault.Fault;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RequestImpl;
import io.vertx.redis.client.impl.types.ErrorType;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One instance's way to the Redis that keeps the sessions. Confined to the instance's event loop.
 *
 * <p>Failures: E110 with Retry-After when Redis cannot be reached, is not done within the command time-out, or has as many
 * commands under way as it may; at once while it is known to be down. Whether a command that failed so was carried out is not
 * known. An error reply that is about the command itself comes as {@link ErrorType}.
 *
 * <p>A connection that is closed is replaced. What was under way on it is sent once more if it is a script, for scripts are
 * safe to repeat: they know the turn by its id and the lease by its token. A plain command is sent once more only if it
 * certainly was not carried out.
 */
final class RedisLink {

  private final Vertx vertx;
  private final ContextInternal context;
  private final RedisConfig config;
  private final RedisWatch watch;
  private final RedisDialer dialer;
  private final RedisFinder finder;
  private final int maxConnections;
  private final int maxUnderWay;
  private final Map<RedisNode, RedisWires> wires = new HashMap<>();

  /** In the order of their deadlines; those that are done leave when they are the first. */
  private final ArrayDeque<RedisCommand> commands = new ArrayDeque<>();

  private final Runnable deaf;
  private Future<RedisMasters> masters;
  private int underWay;
  private long timer = -1;
  private boolean closed;

  private RedisLink(Vertx vertx, RedisConfig config, int instances, RedisWatch watch) {
    this.vertx = vertx;
    context = (ContextInternal) vertx.getOrCreateContext();
    this.config = config;
    this.watch = watch;
    maxConnections = share(config.maxConnections(), instances);
    maxUnderWay = share(config.maxWaiting(), instances);
    dialer = new RedisDialer(vertx, config, maxUnderWay + 2);
    finder = new RedisFinder(config, dialer);
    deaf = watch.listen(new RedisWatch.Listener() {
      @Override
      public void wentDown() {
        hangUp();
      }

      @Override
      public void cameBack(RedisWatch.Came came) {
        if (!came.sameServer()) {
          forgetMasters();
        }
      }
    });
  }

  /**
   * Does not wait for a connection: the first command opens one. Belongs to the event loop that calls.
   *
   * @param instances that share what the node may use of Redis
   */
  static RedisLink open(Vertx vertx, RedisConfig config, int instances, RedisWatch watch) {
    return new RedisLink(vertx, config, instances, watch);
  }

  /** With a watch of its own. */
  static Future<RedisLink> open(Vertx vertx, RedisConfig config, int instances) {
    RedisWatch watch = new RedisWatch(
        vertx,
        config,
        new RedisKeys("consoul:session:"),
        new SecureRandom(),
        RedisWatch.Pace.of(config));
    return watch.start().map(started -> open(vertx, config, instances, started));
  }

  /** Runs a script by its hash, and loads it where the server does not have it. */
  Future<Response> run(RedisScript script, List<String> keys, List<String> arguments) {
    return submit(
        call(Command.EVALSHA, script.sha(), keys, arguments),
        () -> call(Command.EVAL, script.source(), keys, arguments),
        true,
        null);
  }

  Future<Response> send(Request request) {
    return submit(request, null, false, null);
  }

  /** One step of a scan over the keys of all masters; a step does not take long, however many there are. */
  Future<ScanPage> scan(ScanPage.Cursor from, String pattern, int count) {
    return masters()
        .compose(
            known -> {
              List<RedisNode> nodes = known.nodes();
              if (from.server() >= nodes.size()) { // there are fewer than there were
                return Future.succeededFuture(new ScanPage(List.of(), null));
              }
              Request step = Request.cmd(Command.SCAN)
                  .arg(from.cursor())
                  .arg("MATCH")
                  .arg(pattern)
                  .arg("COUNT")
                  .arg(count);
              return submit(step, null, true, nodes.get(from.server()))
                  .map(page -> page(page, from, nodes.size()));
            },
            failure -> Future.failedFuture(watch.unavailable()));
  }

  /** How many connections are open. */
  int connections() {
    return wires.values().stream().mapToInt(RedisWires::size).sum();
  }

  Future<Void> close() {
    closed = true;
    deaf.run();
    hangUp();
    return Future.succeededFuture();
  }

  private Future<Response> submit(
      Request request, Supplier<Request> inFull, boolean repeatable, RedisNode pinned) {
    if (!context.inThread()) {
      Promise<Response> reply = Promise.promise();
      context.runOnContext(now -> submit(request, inFull, repeatable, pinned).onComplete(reply));
      return reply.future();
    }
    if (!((RequestImpl) request).valid()) {
      // The client would say so with the whole command, and that may hold what was said.
      return Future.failedFuture(new IllegalArgumentException("a command with too few arguments"));
    }
    if (watch.isDown() || closed) {
      return Future.failedFuture(watch.unavailable());
    }
    if (underWay >= maxUnderWay) {
      return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1, "the store of the sessions has all it can do; try again in a moment"));
    }
    RedisCommand command = new RedisCommand(
        request,
        inFull,
        repeatable,
        pinned,
        System.nanoTime() + config.commandTimeout().toNanos());
    underWay++;
    commands.add(command);
    if (timer < 0) {
      timer = vertx.setPeriodic(Math.max(2, config.commandTimeout().toMillis() / 25), id -> tick());
    }
    attempt(command);
    return command.future();
  }

  private void attempt(RedisCommand command) {
    Future<RedisMasters> known = masters();
    if (known.succeeded()) {
      route(command, known.result());
    } else {
      known.onComplete(found -> route(command, found), failure -> giveUp(command, failure));
    }
  }

  private void route(RedisCommand command, RedisMasters known) {
    RedisNode node = command.target(known);
    if (command.isDone()) {
      return;
    }
    if (node == null) {
      forgetMasters();
      giveUp(command, new RedisTroubleException(RedisTrouble.CLUSTER));
      return;
    }
    RedisWires there = wires.computeIfAbsent(
        node, n -> new RedisWires(dialer, n, connectionsEach(known), () -> lost(n)));
    RedisWire wire = there.idlest();
    if (wire != null) {
      transmit(command, wire);
    } else {
      there.dial().onComplete(dialled -> transmit(command, dialled), failure -> {
        forgetMasters();
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
        attempt(command);
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
      forgetMasters();
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

  /** {@code MOVED 3999 127.0.0.1:6381}, or {@code ASK …} while it moves; an empty host stands for the one that says so. */
  private boolean redirected(RedisCommand command, RedisWire wire, ErrorType error) {
    boolean moved = error.is("MOVED");
    if (!moved && !error.is("ASK")) {
      return false;
    }
    if (moved) {
      masters = null;
    }
    String address = error.slice(' ', 2);
    int colon = address.lastIndexOf(':');
    String host = colon == 0 ? wire.node().host() : address.substring(0, colon);
    RedisNode node = new RedisNode(host, Integer.parseInt(address.substring(colon + 1)));
    return command.redirect(node, !moved);
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
      underWay--;
      while (!commands.isEmpty() && commands.peek().isDone()) {
        commands.remove();
      }
    }
  }

  private void tick() {
    long now = System.nanoTime();
    boolean late = false;
    for (RedisCommand command = commands.peek();
        command != null && (command.isDone() || command.deadline() <= now);
        command = commands.peek()) {
      commands.remove();
      if (command.fail(watch.unavailable())) {
        underWay--;
        late = true;
        command.timedOut();
      }
    }
    if (late) {
      watch.failed(RedisTrouble.TIME_OUT);
    }
    if (commands.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private Future<RedisMasters> masters() {
    if (masters == null) {
      Future<RedisMasters> finding = finder.find();
      masters = finding;
      finding.onComplete(this::closeAllBut, failure -> {
        if (masters == finding) {
          masters = null;
        }
      });
    }
    return masters;
  }

  private void closeAllBut(RedisMasters known) {
    new ArrayList<>(wires.keySet())
        .stream()
            .filter(node -> !known.has(node))
            .forEach(node -> wires.remove(node).close());
  }

  /** The next command asks anew; where that cannot change there is nothing to forget. */
  private void forgetMasters() {
    if (masters != null && masters.isComplete()) {
      masters = null;
    }
  }

  /** An idle connection that Redis closed, say: replaced at once, so that the next command need not wait for it. */
  private void lost(RedisNode node) {
    watch.lost();
    RedisWires there = wires.get(node);
    if (there != null && there.isEmpty() && !closed && !watch.isDown()) {
      forgetMasters();
      there
          .dial()
          .onFailure(failure -> watch.failed(RedisTrouble.in(failure).orElse(RedisTrouble.OTHER)));
    }
  }

  /** What is under way fails now: nobody waits for a Redis that is known to be away. */
  private void hangUp() {
    List<RedisCommand> open = new ArrayList<>(commands);
    commands.clear();
    open.forEach(command -> finish(command.fail(watch.unavailable())));
    new ArrayList<>(wires.values()).forEach(RedisWires::close);
    wires.clear();
    masters = null;
  }

  private int connectionsEach(RedisMasters known) {
    return share(maxConnections, known.nodes().size());
  }

  private static ScanPage page(Response answer, ScanPage.Cursor from, int servers) {
    List<String> keys = new ArrayList<>();
    answer.get(1).forEach(key -> keys.add(key.toString()));
    String cursor = answer.get(0).toString();
    if (!cursor.equals("0")) {
      return new ScanPage(keys, new ScanPage.Cursor(from.server(), cursor));
    }
    return new ScanPage(
        keys, from.server() + 1 < servers ? new ScanPage.Cursor(from.server() + 1, "0") : null);
  }

  private static int share(int all, int parts) {
    return Math.max(1, (all + parts - 1) / parts);
  }

  private static Request call(
      Command command, String script, List<String> keys, List<String> arguments) {
    Request request = Request.cmd(command).arg(script).arg(keys.size());
    keys.forEach(request::arg);
    arguments.forEach(request::arg);
    return request;
  }
}
