package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Aside;
import io.consoul.message.Credit;
import io.consoul.message.Cuts;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Follower;
import io.consoul.message.Listener;
import io.consoul.message.Resumption;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.provider.Ending.Outcome;
import io.consoul.provider.course.CourseSink;
import io.consoul.trace.RequestContext;
import io.consoul.trace.Tracing;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at the answer of one turn: takes what its course brings, serves the listeners, reports to the session, and
 * ends with a seal or an abort, or is handed on. Confined to the event loop of its verticle instance.
 */
final class RunningTurn implements CourseSink {

  private static final Logger log = LoggerFactory.getLogger(RunningTurn.class);

  private final Workbench bench;
  private final RequestContext request;
  private final Answering answering;
  private final Instant deadline;
  private final boolean kept;
  private final boolean aloud;
  private final Outbox outbox;
  private final Post post;
  private final TurnLife life;

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
    Resumption begun = order.resumption();
    this.bench = bench;
    this.request = TurnWork.request(bench, order);
    this.answering =
        new Answering(order.turn(), order.fence(), TurnWork.model(route), bench.inbox());
    this.deadline = order.deadline();
    this.kept = order.hasLease();
    this.aloud = aloud;
    this.outbox = new Outbox(
        order.turn(),
        order.fence(),
        begun == null ? "" : begun.said(),
        begun == null ? Cuts.NONE : begun.cuts(),
        bench.config().maxAnswerSize(),
        bench.config().pace().alive(),
        bench.millis());
    this.post = new Post(bench, outbox);
    this.life = new TurnLife(
        order.turn(),
        outbox,
        post,
        TurnWork.of(bench, order, route, this, this::leaseLost),
        bench::millis,
        () -> {
          request.span().end();
          onEnded.accept(this);
        });
  }

  /** @param listeners who is attached from the beginning */
  void start(List<Follower> listeners) {
    listeners.forEach(each -> outbox.attach(each, 0, now()));
    if (outbox.length() > 0) {
      log.info("turn {} is taken over with {} characters", turn(), outbox.length());
    }
    if (outbox.isFull()) {
      life.seal(new Outcome(FinishReason.LENGTH, null, null));
    } else {
      life.course().start();
    }
    serve();
  }

  /** The one that it answers: what is done for the turn belongs in there. */
  RequestContext request() {
    return request;
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
    return life.isEnded() && outbox.isDeserted();
  }

  /** Whether it is of no use to anybody: nobody is owed anything, and nobody may come for it later. */
  boolean isSpent() {
    return !kept && isDone();
  }

  /** Whether it is another's, or nobody's, by now. */
  boolean isLost() {
    return life.isLost();
  }

  /** Whether another provider may have it in a moment, which knows of those only who were attached before. */
  boolean isOnItsWay() {
    return life.isOffered();
  }

  /** Whether it is still being given and may be handed on. */
  boolean isTransferable() {
    return kept && life.isStreaming();
  }

  Cuts cuts() {
    return outbox.cuts();
  }

  boolean isHeardBy(Listener listener) {
    return outbox.isAttached(ListenerKey.of(listener));
  }

  /** Whether it runs on with nobody listening. */
  boolean isUnheard() {
    return life.isStreaming() && outbox.isDeserted();
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
    if (!life.isStreaming()) {
      return;
    }
    if (outbox.append(piece)) {
      life.custody().look(outbox, now());
    } else {
      life.seal(new Outcome(FinishReason.LENGTH, null, null));
    }
    serve();
  }

  @Override
  public void aside(Aside aside) {
    if (!life.isStreaming() || !aloud) {
      return;
    }
    if (!outbox.append(aside)) {
      life.seal(new Outcome(FinishReason.LENGTH, null, null));
    }
    serve();
  }

  @Override
  public void end(FinishReason reason, Usage told) {
    if (life.isStreaming()) {
      life.seal(new Outcome(reason, told, null));
    }
    serve();
  }

  /** Also the end that others make of it: the deadline, a drain. */
  @Override
  public void fail(FaultException fault) {
    if (life.isStreaming()) {
      TurnLog.failed(turn(), outbox.length(), fault);
      Tracing.failed(request.span(), fault.fault());
      life.breakOff(FinishReason.INTERRUPTED, fault, fault);
    }
    serve();
  }

  void follow(FollowTurn follow) {
    outbox.attach(
        new Follower(follow.listener(), follow.after(), follow.cuts()), follow.asides(), now());
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
    if (!life.isOpen()) {
      return false;
    }
    if (reason.fault() == Fault.LLM_CANCELLED) {
      life.breakOff(FinishReason.CANCELLED, reason, null);
    } else {
      life.cut(reason);
    }
    serve();
    return true;
  }

  /** A newer attempt has the lease: this one falls silent, and its listeners go on with that one. */
  List<Follower> supersede() {
    List<Follower> followers = outbox.followers();
    life.leave();
    return followers;
  }

  /**
   * Has another provider go on with it.
   *
   * @param fault why it ends, should that not come about
   * @return succeeds when that is known
   */
  Future<Void> handOn(FaultException fault) {
    return life.handOn(fault);
  }

  /** Nobody could be heard for a while; from now on the listeners' silence counts again. */
  void forgiveSilence() {
    outbox.hearAll(now());
  }

  /** Looks after everything that only time brings about. */
  void tick() {
    long now = now();
    outbox.dropSilent(bench.config().pace().listenerSilence(), now);
    if (life.isStreaming()) {
      if (!bench.now().isBefore(deadline)) {
        fail(Fault.LLM_TIMEOUT.because("the answer was not complete before the turn's deadline"));
      } else {
        giveUpIfAlone();
      }
    }
    if (life.isStreaming()) {
      life.custody().look(outbox, now);
    }
    serve();
  }

  /** Nobody came back within the resume window. */
  private void giveUpIfAlone() {
    if (life.isStreaming() && outbox.isDesertedFor(life.custody().resumeWindow(), now())) {
      FaultException reason = Fault.LLM_CANCELLED.because("nobody listened any longer");
      if (kept) {
        life.breakOff(FinishReason.CANCELLED, reason, null);
      } else {
        life.cut(reason);
      }
    }
  }

  private void leaseLost(Throwable reason) {
    if (!life.isStreaming()) {
      return;
    }
    log.warn("turn {} stopped, its lease is lost: {}", turn(), reason.toString());
    life.cut(reason);
    serve();
  }

  private void serve() {
    post.send();
    if (life.isStreaming()) {
      post.pace(life.course());
    }
  }

  private long now() {
    return bench.millis();
  }
}
