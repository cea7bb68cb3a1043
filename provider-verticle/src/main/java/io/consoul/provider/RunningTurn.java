package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the answer of one turn: takes what the adapter says, serves the listeners, reports to the session, and
 * ends with a seal or an abort. Confined to the event loop of its verticle instance.
 */
final class RunningTurn implements CompletionSink {

  private static final Logger log = LoggerFactory.getLogger(RunningTurn.class);

  private enum State {
    /** The provider speaks. */
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
  private final Consumer<RunningTurn> onEnded;
  private final Outbox outbox;
  private final PairJoiner pairs = new PairJoiner();

  /** These hold the whole conversation: let go at the end, for the answer stays much longer. */
  private Completion completion;

  private Ending ending;
  private Custody custody;
  private CompletionStream upstream;

  private State state = State.STREAMING;
  private boolean paused;

  /** @param onEnded called once, when nothing more will be said about the turn */
  RunningTurn(Workbench bench, AnswerTurn order, Target route, Consumer<RunningTurn> onEnded) {
    ProviderConfig.Pace pace = bench.config().pace();
    this.bench = bench;
    this.answering = new Answering(order.turn(), order.fence(), route.model(), bench.inbox());
    this.deadline = order.deadline();
    this.kept = order.hasLease();
    this.onEnded = onEnded;
    this.completion = new Completion(
        route.model(), order.settings(), order.history(), order.promptTokens(), order.options());
    this.custody = kept
        ? new SessionCustody(bench, order, route, this::leaseLost)
        : new NoCustody(bench.node().clock());
    this.ending = new Ending(bench, order, route, completion, custody);
    this.outbox =
        new Outbox(order.turn(), order.fence(), bench.config().maxAnswerSize(), pace.alive());
  }

  /** @param inherited listeners of an earlier attempt, who get this one from its beginning */
  void start(ProviderAdapter adapter, Listener listener, List<Listener> inherited) {
    inherited.forEach(each -> outbox.attach(each, 0, now()));
    outbox.attach(listener, 0, now());
    upstream = adapter.open(completion, this);
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
  public void text(String piece) {
    if (state != State.STREAMING) {
      return;
    }
    append(pairs.join(piece));
    if (state == State.STREAMING) {
      custody.look(outbox, now());
    }
    serve();
  }

  @Override
  public void end(FinishReason reason, Usage usage) {
    if (isStreamingToItsEnd()) {
      seal(reason, usage, null);
    }
    serve();
  }

  @Override
  public void aside(Aside aside) {}

  @Override
  public void fail(UpstreamFailure failure) {
    fail(failure.fault());
  }

  /** Also the end that others make of it: the deadline, a drain. */
  void fail(FaultException fault) {
    if (isStreamingToItsEnd()) {
      log.warn("turn {} failed after {} characters: {}", turn(), outbox.length(), fault.toString());
      breakOff(FinishReason.INTERRUPTED, fault, fault);
    }
    serve();
  }

  void follow(int after, Listener listener) {
    outbox.attach(listener, after, now());
    serve();
  }

  void credit(ListenerKey listener, int upTo) {
    outbox.credit(listener, upTo, now());
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
    upstream.cancel();
    boolean stopped = reason.fault() == Fault.LLM_CANCELLED ? cancel(reason) : cut(reason);
    serve();
    return stopped;
  }

  /** A newer attempt has the lease: this one falls silent, and its listeners go on with that one. */
  List<Listener> supersede() {
    List<Listener> listeners = outbox.listeners();
    if (state == State.STREAMING) {
      upstream.cancel();
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
      upstream.cancel();
      seal(FinishReason.LENGTH, null, null);
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

  /** @return false when it has its end already, or finds it in what was held back */
  private boolean cancel(FaultException reason) {
    if (!isStreamingToItsEnd()) {
      return false;
    }
    breakOff(FinishReason.CANCELLED, reason, null);
    return true;
  }

  /** Adds what was held back; false when the answer has its end already, or finds it in this. */
  private boolean isStreamingToItsEnd() {
    if (state == State.STREAMING) {
      append(pairs.end());
    }
    return state == State.STREAMING;
  }

  /**
   * @param unsaid the fault when nothing was said, which leaves no trace
   * @param said the one when something was, or null where that counts as an answer
   */
  private void breakOff(FinishReason reason, FaultException unsaid, FaultException said) {
    upstream.cancel();
    if (outbox.length() > 0) {
      seal(reason, null, said);
    } else {
      close();
      ending.abort(unsaid).onSuccess(this::finish);
    }
  }

  private void seal(FinishReason reason, Usage told, FaultException fault) {
    close();
    ending.seal(outbox.text(), reason, told, fault).onSuccess(this::finish);
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
    upstream.cancel();
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
    completion = null;
    ending = null;
    custody = null;
    upstream = null;
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
        upstream.pause();
      } else {
        upstream.resume();
      }
    }
  }

  private long now() {
    return bench.millis();
  }
}
