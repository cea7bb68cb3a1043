package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.provider.Ending.Outcome;
import io.consoul.provider.course.Course;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far one attempt at a turn has got, and the ways in which it ends: sealed, aborted, cut, handed on, or left to another. */
final class TurnLife {

  private static final Logger log = LoggerFactory.getLogger(TurnLife.class);

  private enum State {
    /** It is being given, or asked for. */
    STREAMING,
    /** Another provider may be going on with it; nothing more is said until that is known. */
    OFFERED,
    /** It has ended, one way or the other; the session is being told. */
    CLOSING,
    /** What is left is to bring the text and the last event to the listeners. */
    ENDED
  }

  private final TurnId turn;
  private final Outbox outbox;
  private final Post post;
  private final LongSupplier now;
  private final Runnable onEnded;

  /** Let go at the end, for the answer stays much longer. */
  private TurnWork work;

  private State state = State.STREAMING;
  private boolean offered;
  private boolean lost;

  /**
   * @param now milliseconds
   * @param onEnded called once, when nothing more will be said about the turn
   */
  TurnLife(
      TurnId turn, Outbox outbox, Post post, TurnWork work, LongSupplier now, Runnable onEnded) {
    this.turn = turn;
    this.outbox = outbox;
    this.post = post;
    this.work = work;
    this.now = now;
    this.onEnded = onEnded;
  }

  boolean isStreaming() {
    return state == State.STREAMING;
  }

  /** Whether nothing has been decided yet about its end. */
  boolean isOpen() {
    return state == State.STREAMING || state == State.OFFERED;
  }

  /** Whether another provider may be going on with it. */
  boolean isOffered() {
    return state == State.OFFERED;
  }

  boolean isEnded() {
    return state == State.ENDED;
  }

  /** Whether it is another's, or nobody's, by now. */
  boolean isLost() {
    return lost;
  }

  /** Only until it has ended. */
  Course course() {
    return work.course();
  }

  /** Only until it has ended. */
  Custody custody() {
    return work.custody();
  }

  void seal(Outcome outcome) {
    course().cancel();
    close();
    work.ending()
        .seal(outbox.text(), outcome, work.course(), outbox.asides())
        .onSuccess(this::finish);
  }

  /**
   * @param unsaid the fault when nothing was said, which leaves no trace
   * @param said the one when something was, or null where that counts as an answer
   */
  void breakOff(FinishReason reason, FaultException unsaid, FaultException said) {
    if (outbox.length() > 0) {
      seal(new Outcome(reason, null, said));
    } else {
      course().cancel();
      close();
      work.ending().abort(unsaid).onSuccess(this::finish);
    }
  }

  /** Whatever more is said about the turn counts for nobody. */
  void cut(Throwable reason) {
    course().cancel();
    if (outbox.length() > 0) {
      work.ending().drop(outbox.text(), course());
    }
    outbox.cut(work.ending().failed(outbox.length(), reason));
    lost = true;
    end();
  }

  /** Another attempt speaks to the listeners from now on. */
  void leave() {
    outbox.abandon(now.getAsLong());
    lost = true;
    if (state != State.ENDED) {
      course().cancel();
      end();
    }
  }

  /**
   * Falls silent and has the session give the turn to another provider; where that does not come about, it ends here.
   *
   * @param fault why, should it end
   * @return succeeds when that is known
   */
  Future<Void> handOn(FaultException fault) {
    state = State.OFFERED;
    offered = true;
    course().cancel();
    custody().close();
    outbox.hold();
    return custody().handOn(outbox, course().rescues()).transform(handed -> {
      if (state == State.OFFERED) { // else it was stopped meanwhile
        answered(handed, fault);
      }
      return Future.succeededFuture();
    });
  }

  private void answered(AsyncResult<?> handed, FaultException fault) {
    if (handed.succeeded()) {
      log.info("turn {} is handed on after {} characters", turn, outbox.length());
      leave();
      return;
    }
    log.warn(
        "turn {} could not be handed on and ends after {} characters: {}",
        turn,
        outbox.length(),
        handed.cause().toString());
    breakOff(FinishReason.INTERRUPTED, fault, fault);
    post.send();
  }

  private void finish(TurnEvent event) {
    if (state == State.ENDED) {
      return;
    }
    if (offered && tellsOfAnother(event)) {
      leave(); // it was taken, and the word of it was lost
      return;
    }
    outbox.finish(event);
    end();
    post.send();
  }

  private static boolean tellsOfAnother(TurnEvent event) {
    return event instanceof TurnFailed failed && failed.failure().fault() == Fault.SESSION_LOCKED;
  }

  private void close() {
    state = State.CLOSING;
    outbox.release();
    custody().close();
  }

  private void end() {
    custody().close();
    state = State.ENDED;
    work = null;
    onEnded.run();
  }
}
