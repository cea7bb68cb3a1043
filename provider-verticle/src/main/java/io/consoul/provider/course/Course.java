package io.consoul.provider.course;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.Target;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.course.CallSpan.Why;
import io.consoul.provider.health.Health;
import io.consoul.provider.health.Permit;
import io.consoul.trace.RequestContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The way of one turn to its answer: asks the targets of its route, the same one again or the next one when that helps, and goes
 * on with an answer that broke off in the middle. One call is under way at most. Confined to its event loop.
 */
public final class Course implements CompletionStream {

  private static final Logger log = LoggerFactory.getLogger(Course.class);

  /** After such a delay of a timer it was us who slept: what a provider said meanwhile has not been read yet. */
  private static final Duration OWN_PAUSE = Duration.ofSeconds(1);

  private final Courses courses;
  private final String turn;
  private final Itinerary itinerary;
  private final Completion asked;
  private final CourseSink sink;
  private final Alarm alarm;
  private final Waits waits;
  private final Tally tally;
  private final Trouble trouble = new Trouble();
  private RequestContext request = RequestContext.NONE;
  private Why why = Why.FIRST;
  private Attempt attempt;
  private int retries;
  private int rescues;
  private boolean calledTools;

  /** The present target has refused to go on with a given beginning. */
  private boolean refusesPrefill;

  private boolean paused;
  private boolean over;

  Course(
      Courses courses,
      String turn,
      Itinerary itinerary,
      Completion asked,
      Instant deadline,
      CourseSink sink) {
    this.courses = courses;
    this.turn = turn;
    this.itinerary = itinerary;
    this.asked = asked;
    this.sink = sink;
    this.alarm = new Alarm(courses.vertx());
    this.waits = courses.waits(deadline);
    this.tally = new Tally(itinerary.target());
  }

  /** It is to begin in the middle of an answer. */
  void goesOnAfter(int length, int earlier) {
    tally.said(length); // nobody here knows by whom: it counts as the first target's
    rescues = Math.max(1, earlier);
  }

  /** Begins it. The sink may be called before this returns. */
  public void start() {
    request = RequestContext.current();
    if (rescues == 0) {
      ask(false);
    } else if (courses.rescue().enabled()) {
      why = Why.TAKEOVER;
      courses.meters().rescued(target().upstream().name());
      ask(false);
    } else {
      trouble.note(Fault.LLM_UNAVAILABLE.because(
          "the server that gave the answer is gone, and this one does not go on with it; what was"
              + " said is kept"));
      fail();
    }
  }

  /** The one that it answers: calls have spans of their own, which are not to be the parents of what comes after them. */
  RequestContext request() {
    return request;
  }

  /** Who has said how much of the answer. */
  public Tally tally() {
    return tally;
  }

  /** How often the answer went on after it had broken off. */
  public int rescues() {
    return rescues;
  }

  @Override
  public void pause() {
    paused = true;
    if (attempt != null) {
      attempt.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    if (attempt != null) {
      attempt.resume();
    }
  }

  @Override
  public void cancel() {
    over = true;
    alarm.stop();
    if (attempt != null) {
      attempt.leave();
      attempt = null;
    }
  }

  void heard() {
    alarm.stop();
  }

  void said(String text) {
    tally.said(text.length());
    sink.text(text);
  }

  void aside(Aside aside) {
    calledTools |= aside instanceof Aside.ToolCall;
    sink.aside(aside);
  }

  void ended(FinishReason reason, Usage told) {
    over = true;
    alarm.stop();
    // What one target tells is not the whole of an answer that another one has begun.
    sink.end(reason, rescues == 0 ? told : null);
  }

  /** The target has given an answer, but not one that goes on with what was said. */
  void notJoined() {
    trouble.note(Fault.LLM_UNAVAILABLE.because(
        "the provider's answer broke off, and no other one could be joined to it;"
            + " what was said is kept"));
    log.info("turn {}: the answer of {} does not go on with what was said", turn, target());
    alarm.stop();
    if (calledTools) {
      fail(); // a call that was heard cannot be taken back, and another answer may make it again
    } else {
      next(Cause.CUT);
    }
  }

  /** The target was given the beginning and says that nothing is missing, which may be so: its whole answer will tell. */
  void nothingMore() {
    log.info("turn {}: {} has nothing to add to what was said, is asked anew", turn, target());
    alarm.stop();
    refusesPrefill = true;
    why = Why.RETRY;
    ask(true);
  }

  void failed(Attempt failed, UpstreamFailure failure) {
    alarm.stop();
    attempt = null;
    Health health = courses.health(failed.target());
    if (failure.retryAfter() != null) {
      health.hold(failed.target().model(), failure.retryAfter());
    }
    if (failed.spoke()) {
      count(failed, failure.cause());
      brokenOff(failure);
      return;
    }
    if (failed.isContinuation() && failure.cause() == Cause.REFUSED) {
      failed.permit().released();
      refusesPrefill = true;
      why = Why.RETRY;
      ask(true);
      return;
    }
    Optional<Duration> pause = isWorthRetrying(failure.cause())
        ? waits.beforeRetry(retries + 1, failure.retryAfter())
        : Optional.empty();
    if (pause.isPresent() && health.mayRetry()) {
      retry(failed, failure, pause.get());
      return;
    }
    count(failed, failure.cause());
    trouble.note(failure.fault());
    if (failure.cause().isWorthAnother() || isRefusedByAnother(failure.cause())) {
      next(failure.cause());
    } else {
      fail();
    }
  }

  /** The one whose answer broke off had not refused it: the request is not to blame. */
  private boolean isRefusedByAnother(Cause cause) {
    return rescues > 0 && cause == Cause.REFUSED;
  }

  private static void count(Attempt failed, Cause cause) {
    if (cause.isProvidersFault()) {
      failed.permit().failed();
    } else {
      failed.permit().released();
    }
  }

  private boolean isWorthRetrying(Cause cause) {
    return cause.isWorthRetrying()
        && retries < courses.retry().maxRetries()
        && !(cause == Cause.RATE_LIMITED && itinerary.hasNext(cause));
  }

  private void retry(Attempt failed, UpstreamFailure failure, Duration pause) {
    if (failure.cause() == Cause.RATE_LIMITED) {
      failed.permit().released(); // it counts when its retries are used up
    } else {
      count(failed, failure.cause());
    }
    trouble.note(failure.fault());
    retries++;
    why = Why.RETRY;
    courses.meters().retried(failed.target().upstream().name());
    log.info(
        "turn {}: {} failed ({}), is asked again in {} ms",
        turn,
        failed.target(),
        failure.cause(),
        pause.toMillis());
    alarm.set(pause, () -> ask(true));
  }

  private void brokenOff(UpstreamFailure failure) {
    trouble.clear();
    trouble.note(failure.fault());
    if (!courses.rescue().enabled()
        || calledTools
        || rescues >= courses.rescue().maxRescues()
        || !failure.cause().isWorthAnother()) {
      fail();
      return;
    }
    log.info(
        "turn {}: {} broke off ({}) after {} characters",
        turn,
        target(),
        failure.cause(),
        tally.length());
    rescues++;
    why = Why.RESCUE;
    retries = 0;
    itinerary.startOver();
    courses.meters().rescued(target().upstream().name());
    Target before = target();
    itinerary.advance(Cause.CUT);
    refusesPrefill = false;
    if (!target().equals(before)) {
      ask(false);
    } else if (courses.health(before).mayRetry()) {
      alarm.set(courses.backoff().before(1), () -> ask(true));
    } else {
      fail();
    }
  }

  /** Goes on to the next target that may help against this. */
  private void next(Cause cause) {
    if (!itinerary.hasNext(cause)) {
      fail();
      return;
    }
    Target before = target();
    itinerary.advance(cause);
    why = Why.FAILOVER;
    retries = 0;
    refusesPrefill = false;
    courses.meters().failedOver(before.upstream().name());
    // Of one that is shut out, or wants to be left alone, every turn would say so.
    Level level = cause == Cause.SHUT_OUT || cause == Cause.RATE_LIMITED ? Level.DEBUG : Level.INFO;
    log.atLevel(level)
        .log("turn {}: {} gives no answer ({}), {} is asked", turn, before, cause, target());
    ask(false);
  }

  /** @param again whether it is a retry, which does not count as a call that retries may be made for */
  private void ask(boolean again) {
    if (over) {
      return;
    }
    Health health = courses.health(target());
    Duration hold = health.holdOf(target().model());
    if (!hold.isZero()) {
      held(hold, again);
      return;
    }
    Permit permit;
    try {
      permit = health.admit();
    } catch (FaultException shutOut) {
      trouble.note(shutOut);
      next(Cause.SHUT_OUT);
      return;
    }
    if (!again) {
      health.asked();
    }
    call(permit);
  }

  private void call(Permit permit) {
    // A beginning that the caller has given goes along as it is: two in a row would be two answers.
    boolean prefill = !refusesPrefill && !asked.isContinuation();
    Joint joint = Joint.of(sink.said(), target(), prefill);
    tally.speaks(target());
    CallSpan span = CallSpan.begin(courses.tracing(), request, target(), asked.settings(), why);
    attempt = new Attempt(this, target(), permit, joint, span);
    if (paused) {
      attempt.pause();
    }
    limitFirstToken(attempt);
    Attempt asking = attempt;
    ProviderAdapter adapter = courses.adapter(target());
    courses
        .fit(asked, target())
        .onSuccess(fitted -> asking.start(adapter, joint.completion(fitted)));
  }

  /** The provider wants to be left alone: another one may help, or a wait that is not too long. */
  private void held(Duration hold, boolean again) {
    trouble.note(Fault.LLM_RATE_LIMITED.retryAfter(
        hold, "the provider " + target().upstream().name() + " limits the rate of requests"));
    if (itinerary.hasNext(Cause.RATE_LIMITED)) {
      next(Cause.RATE_LIMITED);
      return;
    }
    Optional<Duration> pause = waits.forHold(hold);
    if (pause.isPresent()) {
      log.debug("turn {}: {} wants to be left alone for {} ms", turn, target(), hold.toMillis());
      alarm.set(pause.get(), () -> ask(again));
    } else {
      fail();
    }
  }

  private void limitFirstToken(Attempt asking) {
    Duration limit = itinerary.step().firstToken();
    if (limit == null) {
      return;
    }
    Instant lastSight = courses.now().plus(limit).plus(OWN_PAUSE);
    alarm.set(limit, () -> {
      // While nobody takes text, the silence is our own doing.
      if (attempt == asking && !paused && itinerary.hasNext(Cause.SILENT)) {
        attempt.leaveUnheard(courses.now().isAfter(lastSight));
        attempt = null;
        trouble.note(
            Fault.LLM_TIMEOUT.because("the provider " + target().upstream().name()
                + " did not begin its answer within " + limit.toMillis() / 1_000.0 + " s"));
        next(Cause.SILENT);
      }
    });
  }

  private Target target() {
    return itinerary.target();
  }

  private void fail() {
    over = true;
    alarm.stop();
    sink.fail(trouble.worst());
  }
}
