package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Aside;
import io.consoul.message.Credit;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Listener;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.provider.Ending.Outcome;
import io.consoul.provider.course.Course;
import io.consoul.provider.course.CourseSink;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the answer of one turn: takes what its course brings, serves the listeners, reports to the session, and
 * ends with a seal or an abort. Confined to the event loop of its verticle instance.
 */
final class RunningTurn implements CourseSink {

  private static final Logger log = LoggerFactory.getLogger(RunningTurn.class);

  private enum State {
    /** It is being given, or asked for. */
    STREAMING,
    /** It has ended, one way or the other; the session is being told. */
    CLOSING,
    /** What is left is to bring the text and the last event to the listeners. */
    ENDED
  }

  private final Workbench bench;
  private final Answering answering;
  private final Instant deadline;
  private final boolean kept;
  private final boolean aloud;
  private final Consumer<RunningTurn> onEnded;
  private final Outbox outbox;

  /** These hold the whole conversation: let go at the end, for the answer stays much longer. */
  private Ending ending;

  private Custody custody;
  private Course course;

  private State state = State.STREAMING;
  private boolean paused;

  /**
   * @param aloud whether its listeners hear what the model says besides the text, too
   * @param onEnded called once, when nothing more will be said about the turn
   */
  RunningTurn(
      Workbench bench,
      AnswerTurn order,
      Route route,
      boolean aloud,
      Consumer<RunningTurn> onEnded) {
    ProviderConfig.Pace pace = bench.config().pace();
    String model = route.steps().get(0).target().model();
    this.bench = bench;
    this.answering = new Answering(order.turn(), order.fence(), model, bench.inbox());
    this.deadline = order.deadline();
    this.kept = order.hasLease();
    this.aloud = aloud;
    this.onEnded = onEnded;
    Completion completion = new Completion(
        model, order.settings(), order.history(), order.promptTokens(), order.options());
    this.custody = kept
        ? new SessionCustody(bench, order, this::leaseLost)
        : new NoCustody(bench.node().clock());
    this.ending = new Ending(bench, order, completion, custody);
    this.outbox =
        new Outbox(order.turn(), order.fence(), bench.config().maxAnswerSize(), pace.alive());
    this.course = bench.courses().plan(order.turn().value(), route, completion, deadline, this);
  }

  /** @param inherited listeners of an earlier attempt, who get this one from its beginning */
  void start(Listener listener, List<Listener> inherited) {
    inherited.forEach(each -> outbox.attach(each, 0, 0, now()));
    outbox.attach(listener, 0, 0, now());
    course.start();
  }

  TurnId turn() {
    return answering.turn();
  }

  long fence() {
    return answering.fence();
  }

  Answering answering() {
    return answering;
  }

  /** Whether nobody is owed anything any more. */
  boolean isDone() {
    return state == State.ENDED && outbox.isDeserted();
  }

  /** Whether it is of no use to anybody: nobody is owed anything, and nobody may come for it later. */
  boolean isSpent() {
    return !kept && isDone();
  }

  boolean isHeardBy(Listener listener) {
    return outbox.isAttached(ListenerKey.of(listener));
  }

  /** Whether it runs on with nobody listening. */
  boolean isUnheard() {
    return state == State.STREAMING && outbox.isDeserted();
  }

  int length() {
    return outbox.length();
  }

  @Override
  public String said() {
    return outbox.text();
  }

  @Override
  public void text(String piece) {
    if (state != State.STREAMING) {
      return;
    }
    append(piece);
    if (state == State.STREAMING) {
      custody.look(outbox, now());
    }
    serve();
  }

  @Override
  public void aside(Aside aside) {
    if (state != State.STREAMING || !aloud) {
      return;
    }
    if (!outbox.append(aside)) {
      course.cancel();
      seal(new Outcome(FinishReason.LENGTH, null, null));
    }
    serve();
  }

  @Override
  public void end(FinishReason reason, Usage told) {
    if (state == State.STREAMING) {
      seal(new Outcome(reason, told, null));
    }
    serve();
  }

  /** Also the end that others make of it: the deadline, a drain. */
  @Override
  public void fail(FaultException fault) {
    if (state == State.STREAMING) {
      log.warn("turn {} failed after {} characters: {}", turn(), outbox.length(), fault.toString());
      breakOff(FinishReason.INTERRUPTED, fault, fault);
    }
    serve();
  }

  void follow(FollowTurn follow) {
    outbox.attach(follow.listener(), follow.after(), follow.asides(), now());
    serve();
  }

  void credit(Credit credit) {
    outbox.credit(ListenerKey.of(credit), credit.upTo(), credit.asides(), now());
    serve();
  }

  void detach(ListenerKey listener) {
    outbox.detach(listener, now());
    giveUpIfAlone();
    serve();
  }

  /**
   * Ends it from outside, the provider first.
   *
   * @param reason a cancelled turn keeps what was said; any other one has lost its lease
   * @return false when it has its end already
   */
  boolean stop(FaultException reason) {
    if (state != State.STREAMING) {
      return false;
    }
    course.cancel();
    boolean stopped = reason.fault() == Fault.LLM_CANCELLED ? cancel(reason) : cut(reason);
    serve();
    return stopped;
  }

  /** A newer attempt has the lease: this one falls silent, and its listeners go on with that one. */
  List<Listener> supersede() {
    List<Listener> listeners = outbox.listeners();
    if (state == State.STREAMING) {
      course.cancel();
    }
    listeners.forEach(listener -> outbox.detach(ListenerKey.of(listener), now()));
    if (state != State.ENDED) {
      ended();
    }
    return listeners;
  }

  /** Nobody could be heard for a while; from now on the listeners' silence counts again. */
  void forgiveSilence() {
    outbox.hearAll(now());
  }

  /** Looks after everything that only time brings about. */
  void tick() {
    long now = now();
    outbox.dropSilent(bench.config().pace().listenerSilence(), now);
    if (state == State.STREAMING) {
      if (!bench.now().isBefore(deadline)) {
        fail(Fault.LLM_TIMEOUT.because("the answer was not complete before the turn's deadline"));
      } else {
        giveUpIfAlone();
      }
    }
    if (state == State.STREAMING) {
      custody.look(outbox, now);
    }
    serve();
  }

  private void append(String text) {
    if (!outbox.append(text)) {
      course.cancel();
      seal(new Outcome(FinishReason.LENGTH, null, null));
    }
  }

  /** Nobody came back within the resume window. */
  private void giveUpIfAlone() {
    if (state == State.STREAMING && outbox.isDesertedFor(custody.resumeWindow(), now())) {
      FaultException reason = Fault.LLM_CANCELLED.because("nobody listened any longer");
      if (kept) {
        cancel(reason);
      } else {
        cut(reason); // there is nobody to count its tokens for
      }
    }
  }

  /** @return false when it has its end already */
  private boolean cancel(FaultException reason) {
    if (state != State.STREAMING) {
      return false;
    }
    breakOff(FinishReason.CANCELLED, reason, null);
    return true;
  }

  /**
   * @param unsaid the fault when nothing was said, which leaves no trace
   * @param said the one when something was, or null where that counts as an answer
   */
  private void breakOff(FinishReason reason, FaultException unsaid, FaultException said) {
    course.cancel();
    if (outbox.length() > 0) {
      seal(new Outcome(reason, null, said));
    } else {
      close();
      ending.abort(unsaid).onSuccess(this::finish);
    }
  }

  private void seal(Outcome outcome) {
    close();
    ending.seal(outbox.text(), outcome, course, outbox.asides()).onSuccess(this::finish);
  }

  private void leaseLost(Throwable reason) {
    if (state != State.STREAMING) {
      return;
    }
    log.warn("turn {} stopped, its lease is lost: {}", turn(), reason.toString());
    cut(reason);
    serve();
  }

  /** Whatever more is said about the turn counts for nobody. */
  private boolean cut(Throwable reason) {
    course.cancel();
    outbox.cut(ending.failed(outbox.length(), reason));
    ended();
    return true;
  }

  private void finish(TurnEvent event) {
    if (state == State.ENDED) {
      return;
    }
    outbox.finish(event);
    ended();
    serve();
  }

  private void close() {
    state = State.CLOSING;
    custody.close();
  }

  private void ended() {
    custody.close();
    state = State.ENDED;
    ending = null;
    custody = null;
    course = null;
    onEnded.accept(this);
  }

  private void serve() {
    for (Outbox.Parcel parcel : outbox.outgoing(now())) {
      bench.node().bus().tell(parcel.to(), parcel.event());
    }
    boolean jammed = outbox.isJammed() || outbox.isDeserted() && bench.unheard().isFull();
    if (state == State.STREAMING && jammed != paused) {
      paused = jammed;
      if (jammed) {
        course.pause();
      } else {
        course.resume();
      }
    }
  }

  private long now() {
    return bench.millis();
  }
}
