package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.Follower;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Kind;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One turn's side towards the session verticle: progress, seal and abort, all under the lease's token. */
final class SessionLink {

  /** The lease is another's, or the session is gone: whatever we say about the turn no longer counts. */
  private static final Set<Fault> LOST =
      Set.of(Fault.SESSION_LOCKED, Fault.SESSION_NOT_FOUND, Fault.SESSION_EXPIRED);

  private static final int ABORT_TRIES = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /**
   * Signs of life for which handing on may last: a store and another provider may both take their time, but a lease and the
   * listeners' patience are a little longer only.
   */
  private static final int HANDING_ON = 3;

  private final Workbench bench;
  private final AnswerTurn order;
  private final SessionSeat seat;

  SessionLink(Workbench bench, AnswerTurn order) {
    this.bench = bench;
    this.order = order;
    this.seat = new SessionSeat(bench.node().directory(), order);
  }

  /** Whether this failure says that the turn is not ours any longer. */
  static boolean isLost(Throwable failure) {
    return failure instanceof FaultException known && LOST.contains(known.fault());
  }

  /** Whether this failure says that another attempt has the turn. */
  static boolean isAnothers(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.SESSION_LOCKED;
  }

  /** Whether this failure says that there is less of the turn's text than we told of. */
  static boolean isGap(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.INTERNAL_ERROR;
  }

  Future<Renewed> progress(int offset, String text) {
    return ask(
        new Progress(order.turn(), order.tenant(), order.fence(), order.token(), offset, text),
        Renewed.class);
  }

  /**
   * Seals, again and again while there is no answer: the first seal may have been taken and its reply lost.
   *
   * @param speaker whose answer it is
   * @param fault why the text is not the whole answer, or null
   * @return the seal, or a failure: {@link #isLost}, or E111 when patience has run out
   */
  Future<Sealed> seal(
      String text,
      FinishReason reason,
      Usage usage,
      Target speaker,
      int rescues,
      Duration patience,
      FaultException fault) {
    SealTurn seal = new SealTurn(
        order.turn(),
        order.tenant(),
        order.fence(),
        order.token(),
        text,
        reason,
        usage,
        speaker.model(),
        speaker.upstream().name(),
        rescues,
        order.resumption() == null ? Cuts.NONE : order.resumption().cuts(),
        fault == null ? null : Failed.of(fault));
    return sealUntil(seal, bench.millis() + patience.toMillis(), FIRST_PAUSE);
  }

  /**
   * Gives the turn away. What goes with the request is bounded: more than that is journalled first.
   *
   * @param offset where the text begins, which the session may not have yet
   */
  Future<HandedOn> handOn(int offset, String text, int rescues, List<Follower> followers) {
    Duration time = bench.config().pace().alive().multipliedBy(HANDING_ON);
    long limit = bench.millis() + time.toMillis();
    if (text.length() <= Heard.MOST) {
      return offer(offset, text, rescues, followers, time);
    }
    Progress rest =
        new Progress(order.turn(), order.tenant(), order.fence(), order.token(), offset, text);
    return ask(rest, Renewed.class, time, time).compose(renewed -> {
      Duration left = Duration.ofMillis(Math.max(1, limit - bench.millis()));
      return offer(offset + text.length(), "", rescues, followers, left);
    });
  }

  private Future<HandedOn> offer(
      int offset, String text, int rescues, List<Follower> followers, Duration within) {
    HandOn request = new HandOn(
        order.turn(),
        order.tenant(),
        order.fence(),
        order.token(),
        rescues,
        new Heard(order.fence(), offset, text),
        followers);
    return ask(request, HandedOn.class, within, within);
  }

  /** Frees the session. Without an answer the lease lapses by itself, so this does not try for long. */
  Future<Aborted> abort() {
    return abort(ABORT_TRIES);
  }

  private Future<Aborted> abort(int tries) {
    AbortTurn abort = new AbortTurn(order.turn(), order.tenant(), order.fence(), order.token());
    return ask(abort, Aborted.class)
        .recover(failure -> isLost(failure) || tries == 1
            ? Future.failedFuture(failure)
            : pause(FIRST_PAUSE).compose(waited -> abort(tries - 1)));
  }

  private Future<Sealed> sealUntil(SealTurn seal, long limit, Duration pause) {
    return ask(seal, Sealed.class).recover(failure -> {
      if (isLost(failure)) {
        return Future.failedFuture(failure);
      }
      if (bench.millis() + pause.toMillis() >= limit) {
        return Future.failedFuture(Fault.SESSION_SAVE_FAILED.because(
            "the session store did not take the answer in time; what was said may be lost"));
      }
      Duration next = pause.multipliedBy(2);
      return pause(pause)
          .compose(waited ->
              sealUntil(seal, limit, next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE));
    });
  }

  private Future<Void> pause(Duration time) {
    return bench.vertx().timer(time.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
  }

  private <R extends BusMessage> Future<R> ask(BusMessage message, Class<R> reply) {
    return ask(message, reply, Bus.ACKNOWLEDGEMENT, Bus.ACKNOWLEDGEMENT.multipliedBy(2));
  }

  /**
   * An instance that does not answer, or cannot reach its store, is left at once for one that may do better.
   *
   * @param each how long to wait for one of them
   * @param all how long for both
   */
  private <R extends BusMessage> Future<R> ask(
      BusMessage message, Class<R> reply, Duration each, Duration all) {
    String inbox = seat.inbox();
    long limit = bench.millis() + all.toMillis();
    return bench.sessions().ask(inbox, message, reply, each).recover(failure -> {
      long left = Math.min(each.toMillis(), limit - bench.millis());
      return left > 0 && isUnavailable(failure) && seat.leave(inbox)
          ? bench.sessions().ask(seat.inbox(), message, reply, Duration.ofMillis(left))
          : Future.failedFuture(failure);
    });
  }

  private static boolean isUnavailable(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Kind.SESSION.absent();
  }
}
