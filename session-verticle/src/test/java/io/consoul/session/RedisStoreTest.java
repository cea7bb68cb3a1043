package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Owner;
import io.consoul.message.SessionFree;
import io.consoul.message.SessionMoved;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The store in Redis, of two instances,")
class RedisStoreTest {

  /** Longer than a test takes on a busy machine. */
  private static final Duration LEASE = Duration.ofSeconds(30);

  private static RedisServer redis;

  private RedisFixture one;
  private RedisFixture other;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void open() {
    open(new JsonObject().put("leaseSeconds", LEASE.toSeconds()));
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  @Test
  @DisplayName("lets a turn go on and end at either")
  void eitherWay() {
    BeginTurn turn = one.turn("s", "one");
    var lease = one.granted(turn).lease();
    one.progress(turn, lease, 0, "ei");
    other.progress(turn, lease, 2, "ns");
    assertThat(other.begin(other.turn("s", "two"))).isInstanceOf(SessionStore.Begun.Busy.class);
    other.seal(turn, lease, "eins");

    assertThat(other.granted(other.turn("s", "two")).history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("eins"), ChatMessage.user("two"));
  }

  @Test
  @DisplayName("gives each the whole history, whatever it has at hand of it")
  void staleCopies() {
    List<String> said = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RedisFixture instance = i % 7 < 3 ? one : other;
      BeginTurn turn = instance.turn("s", "question " + i);
      var granted = instance.granted(turn);
      said.add("question " + i);
      assertThat(granted.history().stream().map(ChatMessage::content))
          .containsExactlyElementsOf(said);
      instance.seal(turn, granted.lease(), "answer " + i);
      said.add("answer " + i);
    }
  }

  @Test
  @DisplayName("keeps at hand what is stored and the turn in progress with all that was said in it")
  void copy() {
    one.say("s", "one", "eins");
    BeginTurn turn = one.turn("s", "two").under(new IdempotencyKey("key"));
    var lease = one.granted(turn).lease();
    one.progress(turn, lease, 0, "zwei");
    one.progress(turn, lease, 3, "i und");

    MemorySession copy = one.atHand.find("default:s").orElseThrow();
    assertThat(copy.transcript().messages()).isEqualTo(one.messages("s"));
    assertThat(copy.pending().said()).isEqualTo("zwei und");
    assertThat(copy.pending().isHeldBy(lease.token())).isTrue();
    assertThat(copy.pending().isLapsed(one.now().plus(LEASE).minusMillis(1))).isFalse();
    assertThat(copy.pending().isLapsed(one.now().plus(LEASE))).isTrue();
    assertThat(copy.model()).isEqualTo("provider-1/model-1");
    assertThat(copy.isKept()).isTrue();

    var newer = StoreFixture.get(one.store.reassign(turn, lease, "elsewhere"));
    assertThat(copy.pending().isHeldBy(newer.token())).isTrue();
    one.seal(turn, newer, "zwei und");
    assertThat(copy.pending()).isNull();
    assertThat(copy.transcript().messages()).isEqualTo(one.messages("s"));

    other.say("s", "three", "drei");
    assertThat(other.atHand.find("default:s").orElseThrow().transcript().messages())
        .isEqualTo(one.messages("s"));
    assertThat(other.told)
        .containsExactly(
            new RedisFixture.Told("one", new SessionMoved(turn.session(), turn.tenant())));
  }

  @Test
  @DisplayName(
      "gives what is stored also where a server has lost a turn that is at hand, and has got another")
  void lostWrites() {
    one.say("s", "one", "eins");
    BeginTurn lost = one.turn("s", "lost");
    one.seal(lost, one.granted(lost).lease(), "verloren");
    one.send(Command.LTRIM, one.key("s").messages(), 0, 1);
    one.send(Command.HDEL, one.key("s").turns(), lost.turn());
    one.send(Command.HSET, one.key("s").head(), "turns", 1);
    other.say("s", "two", "zwei");

    assertThat(said(one.granted(one.turn("s", "three"))))
        .containsExactly("one", "eins", "two", "zwei", "three");
  }

  @Test
  @DisplayName(
      "gives what is stored also where its holder's seal was lost and others settled the turn")
  void lostSeal() {
    open(new JsonObject());
    BeginTurn turn = one.turn("s", "one");
    var lease = one.granted(turn).lease();
    one.progress(turn, lease, 0, "ei");
    Response begun = one.send(Command.HGETALL, one.key("s").lease());
    one.seal(turn, lease, "eins");
    one.send(Command.DEL, one.key("s").messages(), one.key("s").turns());
    one.send(Command.HSET, one.key("s").head(), "turns", 0);
    for (String field : begun.getKeys()) {
      one.send(Command.HSET, one.key("s").lease(), field, begun.get(field));
    }
    one.send(Command.RPUSH, one.key("s").journal(), "0 ei");
    one.lapse();

    assertThat(said(one.granted(one.turn("s", "two")))).containsExactly("one", "ei", "two");
  }

  @Test
  @DisplayName("gives what is stored also where a turn was taken in while another was in progress")
  void takenIn() {
    one.say("s", "one", "eins");
    BeginTurn running = one.turn("s", "two");
    var lease = one.granted(running).lease();
    takeIn(one.turn("s", "late"), "verspätet");
    one.seal(running, lease, "zwei");

    assertThat(said(one.granted(one.turn("s", "three"))))
        .containsExactly("one", "eins", "late", "verspätet", "two", "zwei", "three");
  }

  @Test
  @DisplayName(
      "gives what is stored also where the rest of a turn was taken in that others had settled")
  void takenInWhole() {
    open(new JsonObject());
    BeginTurn turn = one.turn("s", "one");
    one.progress(turn, one.granted(turn).lease(), 0, "ei");
    one.lapse();
    other.say("s", "two", "zwei");
    assertThat(((SessionStore.Known.Ended) other.find(turn, 0, 1)).replayed().text())
        .isEqualTo("e");
    takeIn(turn, "eins");

    assertThat(said(other.granted(other.turn("s", "three"))))
        .containsExactly("one", "eins", "two", "zwei", "three");
    assertThat(((SessionStore.Known.Ended) other.find(turn, 2, 1)).replayed().text())
        .isEqualTo("n");
  }

  @Test
  @DisplayName("gives a new session nothing of one of its name that was lost in part")
  void ruins() {
    BeginTurn turn = one.turn("s", "one").under(new IdempotencyKey("key"));
    one.seal(turn, one.granted(turn).lease(), "eins");
    one.send(Command.DEL, one.key("s").head());

    BeginTurn again = one.turn("s", "one").under(turn.key());
    var granted = one.granted(again);
    assertThat(said(granted)).containsExactly("one");
    one.seal(again, granted.lease(), "uno");
    assertThat(said(other.granted(other.turn("s", "two")))).containsExactly("one", "uno", "two");
  }

  @Test
  @DisplayName("lets a turn be that has gone on when its begin comes once more")
  void lateBegin() {
    RedisSteps steps = new RedisSteps(one.link, one.keys);
    BeginTurn turn = one.turn("s", "one");
    Object[] arguments = {
      turn.turn(),
      "token",
      LEASE.toMillis(),
      100_000,
      "provider",
      "{}",
      "1 {}\n{}",
      "",
      "",
      "",
      "",
      "one",
      "",
      0,
      "",
      0,
      100,
      1,
      "",
      "{}",
      0,
      "new",
      ""
    };
    StoreFixture.get(steps.run(SessionScript.BEGIN, SessionName.of(turn), arguments));
    one.progress(turn, new SessionStore.Lease(1, "token"), 0, "ei");
    StoreFixture.get(steps.run(SessionScript.BEGIN, SessionName.of(turn), arguments));

    one.progress(turn, new SessionStore.Lease(1, "token"), 2, "ns");
    assertThat(one.send(Command.LRANGE, one.key("s").journal(), 0, -1)).hasToString("[0 ei, 2 ns]");
  }

  @Test
  @DisplayName(
      "gives a turn away once when the order comes once more, and keeps at hand what the new holder has")
  void repeatedTakeover() {
    RedisSteps steps = new RedisSteps(one.link, one.keys);
    BeginTurn turn = one.turn("s", "one");
    var lease = one.granted(turn).lease();
    one.progress(turn, lease, 0, "ei");
    Object[] arguments = {
      turn.turn(),
      lease.fence(),
      lease.token(),
      0,
      1,
      "0 ein",
      3,
      "3",
      "token",
      "another",
      LEASE.toMillis(),
      100_000,
      "two",
      "",
      0,
      "",
      0,
      100
    };
    Object[] readBefore = arguments.clone();
    readBefore[4] = 0;
    var late =
        StoreFixture.get(steps.run(SessionScript.TAKE_OVER, SessionName.of(turn), readBefore));
    assertThat(late.get(0)).as("more was journalled since").hasToString("changed");

    var first =
        StoreFixture.get(steps.run(SessionScript.TAKE_OVER, SessionName.of(turn), arguments));
    var again =
        StoreFixture.get(steps.run(SessionScript.TAKE_OVER, SessionName.of(turn), arguments));

    assertThat(again.get(0)).hasToString("taken");
    assertThat(again.get(1).toLong()).isEqualTo(first.get(1).toLong()).isGreaterThan(lease.fence());
    var won = (Takeovers.Takeover.Won)
        other.takeOver(turn, new SessionStore.Lease(first.get(1).toLong(), "token"), null);
    assertThat(won.said()).isEqualTo("ein");
    PendingTurn copy = other.atHand.find("default:s").orElseThrow().pending();
    assertThat(copy.said()).isEqualTo("ein");
    assertThat(copy.cuts()).isEqualTo(won.cuts()).isEqualTo(new Cuts(List.of(3, 3)));
    assertThat(copy.lease()).isEqualTo(won.granted().lease());
    other.progress(turn, won.granted().lease(), 3, "s");
    assertThat(one.send(Command.LRANGE, one.key("s").journal(), 0, -1)).hasToString("[0 ein, 3 s]");
    assertThat(ttl(one.key("s").journal())).isPositive();
  }

  @Test
  @DisplayName(
      "says that a turn is aborted also when that is asked once more since the first reply was lost")
  void repeatedAbort() {
    one.say("s", "one", "eins");
    BeginTurn turn = one.turn("s", "two");
    var lease = one.granted(turn).lease();
    BeginTurn waiting = other.turn("s", "three");
    assertThat(other.begin(waiting)).isInstanceOf(SessionStore.Begun.Busy.class);
    one.abort(turn, lease);

    one.abort(turn, lease);
    var next = other.granted(waiting).lease();
    one.abort(turn, lease);

    other.progress(waiting, next, 0, "dr");
    assertFault(Fault.SESSION_LOCKED, () -> one.progress(turn, lease, 0, "zw"));
    other.abort(waiting, next);
    assertFault(Fault.SESSION_LOCKED, () -> one.abort(turn, lease));
    assertThat(one.history("s")).containsExactly("user one", "assistant eins");
  }

  @Test
  @DisplayName("lets a session go whose time was over when its turn in progress was aborted")
  void abortPastTheEnd() {
    open(new JsonObject().put("ttlSeconds", 10).put("leaseSeconds", LEASE.toSeconds()));
    one.say("s", "one", "eins");
    BeginTurn turn = one.turn("s", "two");
    var lease = one.granted(turn).lease();
    one.pass(Duration.ofSeconds(15));
    assertThat(one.exists("s")).as("as long as the turn runs").isTrue();

    one.abort(turn, lease);

    assertThat(one.exists("s")).as("nothing of it, which would stay for ever").isFalse();
    assertThat(said(one.granted(one.turn("s", "new")))).containsExactly("new");
  }

  @Test
  @DisplayName("has at hand under which key a turn was begun that it has taken over")
  void keyOfTakenOver() {
    BeginTurn turn = one.turn("s", "one").under(new IdempotencyKey("key"));
    var lease = one.granted(turn).lease();
    var won = (Takeovers.Takeover.Won) other.takeOver(turn, lease, null);

    other.seal(turn, won.granted().lease(), "eins");

    MemorySession copy = other.atHand.find("default:s").orElseThrow();
    assertThat(copy.transcript().messages()).isEqualTo(other.messages("s"));
    assertThat(copy.known(other.turn("s", "one").under(turn.key()))).isPresent();
  }

  @Test
  @DisplayName("keeps at hand no more than twice what goes to the model")
  void boundedCopy() {
    open(new JsonObject().put("maxHistoryTokens", 100));
    for (int i = 0; i < 60; i++) {
      one.say("s", "a question that has ten tokens or so", "ok");
    }
    MemorySession copy = one.atHand.find("default:s").orElseThrow();

    assertThat(copy.transcript().turns()).isEqualTo(60);
    assertThat(copy.transcript().messages()).hasSizeBetween(10, 60);
    assertThat(copy.info().usage()).isEqualTo(one.read("s").usage());
    assertThat(MemorySession.fromJson(copy.toJson()).info()).isEqualTo(copy.info());
    assertThat(one.granted(one.turn("s", "next")).history())
        .isEqualTo(other.granted(afterCancel("next")).history());
  }

  @Test
  @DisplayName("refuses a holder that was paused past its lease, when another turn has begun since")
  void fencedOut() {
    open(new JsonObject());
    BeginTurn paused = one.turn("s", "one");
    var lease = one.granted(paused).lease();
    one.progress(paused, lease, 0, "ei");
    one.lapse();
    BeginTurn next = other.turn("s", "two");
    var nextLease = other.granted(next).lease();

    assertThat(nextLease.fence()).isGreaterThan(lease.fence());
    assertFault(Fault.SESSION_LOCKED, () -> one.progress(paused, lease, 2, "ns"));
    assertFault(Fault.SESSION_LOCKED, () -> one.seal(paused, lease, "eins"));
    assertFault(Fault.SESSION_LOCKED, () -> one.abort(paused, lease));
    assertThat(one.atHand.find("default:s")).as("what it has is not of now").isEmpty();
    other.seal(next, nextLease, "zwei");
    assertThat(one.history("s"))
        .containsExactly("user one", "assistant ei (interrupted)", "user two", "assistant zwei");
  }

  @Test
  @DisplayName("goes on with a holder that was paused past its lease, when nobody came in between")
  void pausedAlone() {
    open(new JsonObject());
    BeginTurn paused = one.turn("s", "one");
    var lease = one.granted(paused).lease();
    one.lapse();

    one.progress(paused, lease, 0, "ei");
    one.seal(paused, lease, "eins");
    assertThat(one.history("s")).containsExactly("user one", "assistant eins");
  }

  @Test
  @DisplayName("takes a lease that ends too late for one from before the clock went back")
  void clockWentBack() {
    one.granted(one.turn("s", "one"));
    one.send(Command.HSET, one.key("s").lease(), "until", System.currentTimeMillis() + 3_600_000);

    assertThat(other.begin(other.turn("s", "two"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName(
      "gives fences that only grow, also when the clock goes back and the session is dropped")
  void fences() {
    one.say("s", "one", "eins");
    long later = System.currentTimeMillis() + 3_600_000;
    one.send(Command.HSET, one.key("s").head(), "fence", later);
    assertThat(other.granted(other.turn("s", "two")).lease().fence()).isEqualTo(later + 1);

    one.send(Command.HSET, one.key("t").grave(), "fence", later);
    BeginTurn dropped = one.turn("t", "one");
    var lease = one.granted(dropped).lease();
    assertThat(lease.fence()).isEqualTo(later + 1);
    one.abort(dropped, lease);
    assertThat(other.granted(other.turn("t", "two")).lease().fence()).isEqualTo(later + 2);
  }

  @Test
  @DisplayName("serves those that wait in turn, and tells whoever has waited longest")
  void fair() {
    BeginTurn first = one.turn("s", "one");
    var lease = one.granted(first).lease();
    assertBusy(other, "b");
    one.pass(Duration.ofMillis(2));
    assertBusy(one, "a");
    one.seal(first, lease, "eins");

    assertThat(one.told)
        .containsExactly(
            new RedisFixture.Told("other", new SessionFree(first.session(), first.tenant())));
    assertBusy(one, "a");
    BeginTurn second = other.turn("s", "b");
    var secondLease = other.granted(second).lease();
    other.pass(Duration.ofMillis(2));
    assertBusy(other, "b again");
    other.seal(second, secondLease, "zwei");
    assertBusy(other, "b again");
    assertThat(one.begin(one.turn("s", "a"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("waits no longer for one that does not ask any more")
  void goneWaiter() {
    BeginTurn first = one.turn("s", "one");
    var lease = one.granted(first).lease();
    assertBusy(other, "b");
    one.seal(first, lease, "eins");
    assertBusy(one, "a");
    one.pass(Duration.ofMillis(1_600));

    assertThat(one.begin(one.turn("s", "a"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("waits no longer for one that has asked before the clock went back")
  void waiterBeforeClockWentBack() {
    long later = System.currentTimeMillis() + 3_600_000;
    one.send(Command.HSET, one.key("s").waiters(), "gone", "1 " + later);

    assertThat(one.begin(one.turn("s", "a"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("lets a batch go past those that wait at the other")
  void batchGoesPast() {
    BeginTurn first = one.turn("s", "one").in(new Batch("b", false));
    var lease = one.granted(first).lease();
    assertBusy(other, "waits");
    one.seal(first, lease, "eins");
    assertBusy(other, "waits");

    BeginTurn last = one.turn("s", "two").in(new Batch("b", true));
    one.seal(last, one.granted(last).lease(), "zwei");
    assertBusy(one, "not of it");
    assertThat(other.begin(other.turn("s", "waits")))
        .isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("runs a turn under a key once, and replays it at the other")
  void keyAtTheOther() {
    BeginTurn first = one.turn("s", "one").under(new IdempotencyKey("key"));
    var lease = one.granted(first).lease();
    BeginTurn repeat = other.turn("s", "one").under(first.key());

    assertThat(other.begin(repeat))
        .isEqualTo(new SessionStore.Known.Pending(
            first.turn(), lease.fence(), "provider", first.listener()));
    one.seal(first, lease, "eins");
    assertThat(other.begin(repeat)).isEqualTo(new SessionStore.Known.Ended(one.replayed(first)));
  }

  @Test
  @DisplayName("forgets the oldest of ten thousand keys for a new one")
  void keysAreBounded() {
    BeginTurn oldest = one.turn("s", "one").under(new IdempotencyKey("key"));
    one.seal(oldest, one.granted(oldest).lease(), "eins");
    List<Object> hashes = new ArrayList<>(List.of(one.key("s").keyOrder()));
    List<Object> uses = new ArrayList<>(List.of(one.key("s").keys()));
    for (int i = 1; i < 10_000; i++) {
      hashes.add("hash" + i);
      uses.addAll(List.of("hash" + i, "x " + oldest.turn().value()));
    }
    one.send(Command.RPUSH, hashes.toArray());
    one.send(Command.HSET, uses.toArray());
    assertThat(one.begin(one.turn("s", "one").under(oldest.key())))
        .isInstanceOf(SessionStore.Known.Ended.class);

    BeginTurn newest = one.turn("s", "two").under(new IdempotencyKey("another"));
    one.seal(newest, one.granted(newest).lease(), "zwei");

    assertThat(one.begin(one.turn("s", "one").under(oldest.key())))
        .isInstanceOf(SessionStore.Begun.Granted.class);
    assertThat(one.send(Command.HLEN, one.key("s").keys()).toInteger()).isEqualTo(10_000);
    assertThat(one.send(Command.LLEN, one.key("s").keyOrder()).toInteger()).isEqualTo(10_000);
  }

  @Test
  @DisplayName("refuses a turn whose session was deleted under it, wherever it comes from")
  void buried() {
    BeginTurn turn = one.turn("s", "one").in(new Batch("b", false));
    var lease = one.granted(turn).lease();
    one.send(Command.DEL, one.key("s").head(), one.key("s").lease());
    one.send(Command.HSET, one.key("s").grave(), "t:" + turn.turn(), 1, "b:b", 1);
    BeginTurn next = other.turn("s", "two").in(new Batch("b", true));

    assertFault(Fault.SESSION_NOT_FOUND, () -> one.begin(turn));
    assertFault(Fault.SESSION_NOT_FOUND, () -> other.begin(next));
    assertFault(Fault.SESSION_NOT_FOUND, () -> StoreFixture.get(other.store.standing(next)));
    assertFault(Fault.SESSION_NOT_FOUND, () -> one.progress(turn, lease, 0, "x"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> one.seal(turn, lease, "x"));
    assertThat(one.begin(one.turn("s", "new"))).isInstanceOf(SessionStore.Begun.Granted.class);
    assertFault(Fault.SESSION_NOT_FOUND, () -> one.seal(turn, lease, "x"));
  }

  @Test
  @DisplayName("loses nothing of what was said where it is cut inside a surrogate pair")
  void surrogates() {
    open(new JsonObject());
    BeginTurn turn = one.turn("s", "one");
    var lease = one.granted(turn).lease();
    one.progress(turn, lease, 0, "a\uD83D");
    one.progress(turn, lease, 2, "\uDE00b 1");
    one.lapse();
    other.granted(other.turn("s", "two"));

    assertThat(other.replayed(turn).text()).isEqualTo("a\uD83D\uDE00b 1");
  }

  @Test
  @DisplayName("takes the model's settings from the session also where it has nothing at hand")
  void settings() {
    open(new JsonObject()
        .put("newSessions", new JsonObject().put("systemPrompt", "Be kind.").put("model", "gpt")));
    one.say("s", "one", "eins");

    var granted = other.granted(other.turn("s", "two"));

    assertThat(granted.settings()).isEqualTo(new Settings("Be kind.", null, null));
    assertThat(granted.model()).isEqualTo("gpt");
    assertThat(granted.promptTokens()).isPositive();
    var aside = StoreFixture.get(one.store.snapshot(one.turn("s", "aside").setAside(), 1));
    assertThat(aside.settings()).isEqualTo(granted.settings());
    assertThat(aside.history()).hasSize(3);
    assertThat(aside.lease().token()).isNull();
  }

  @Test
  @DisplayName("keeps a session in the list of its owner, whoever's turns prolong its time")
  void listOfTheOwner() {
    Owner owner = new Owner("key-1");
    one.say("s", "one", "eins", owner);
    one.indexed();

    forgetLists(owner);
    BeginTurn turn = other.turn("s", "two").of(new Owner("key-2"));
    var lease = other.granted(turn).lease();
    other.indexed();
    assertThat(one.list(owner)).as("by its begin").containsExactly("s");

    forgetLists(owner);
    one.send(Command.PEXPIRE, one.key("s").head(), 20_000);
    other.progress(turn, lease, 0, "zw");
    other.indexed();
    assertThat(one.list(owner)).as("by its progress").containsExactly("s");

    forgetLists(owner);
    other.lapse();
    assertThat(one.begin(one.turn("s", "three"))).isInstanceOf(SessionStore.Begun.Granted.class);
    assertThat(one.list(owner)).as("by whoever settles it").containsExactly("s");
    assertThat(one.list((Owner) null)).isEmpty();
    assertThat(StoreFixture.get(one.catalog.count())).isEqualTo(1);
  }

  private void forgetLists(Owner owner) {
    ListName list = new ListName(Tenant.DEFAULT, owner);
    one.send(Command.DEL, one.keys.index());
    one.send(Command.DEL, one.keys.list(list));
  }

  @Test
  @DisplayName("leaves no key without an end, whatever happens")
  void everyKeyExpires() {
    open(new JsonObject());
    BeginTurn sealed = one.turn("s", "one").under(new IdempotencyKey("key"));
    var lease = one.granted(sealed).lease();
    assertAllExpire();
    one.progress(sealed, lease, 0, "ei");
    assertBusy(other, "waits");
    assertAllExpire();
    one.seal(sealed, lease, "eins");
    assertAllExpire();
    BeginTurn batched = one.turn("t", "one").in(new Batch("b", false));
    one.abort(batched, one.granted(batched).lease());
    assertAllExpire();
    BeginTurn orphan = one.turn("u", "one");
    one.progress(orphan, one.granted(orphan).lease(), 0, "x");
    one.lapse();
    one.begin(one.turn("u", "two"));
    assertAllExpire();
  }

  @Test
  @DisplayName(
      "lets a session live longer while its turn says something, and as long as before after that")
  void livesOn() {
    open(new JsonObject().put("ttlSeconds", 100).put("leaseSeconds", LEASE.toSeconds()));
    BeginTurn turn = one.turn("s", "one");
    var lease = one.granted(turn).lease();
    one.send(Command.PEXPIRE, one.key("s").head(), 20_000);
    one.progress(turn, lease, 0, "ei");

    assertThat(ttl(one.key("s").head())).isGreaterThan(90_000);
    assertThat(ttl(one.key("s").journal())).isGreaterThan(90_000);
    one.seal(turn, lease, "eins");
    assertThat(ttl(one.key("s").messages())).isBetween(90_000L, 100_000L);
  }

  @Test
  @DisplayName("costs the same at turn 1,000 as at turn 10: two round trips and the new text")
  void constantCost() {
    sayOften(10);
    long[] early = cheapest();
    sayOften(980);
    long[] late = cheapest();

    assertThat(late[0]).as("scripts").isEqualTo(early[0]).isEqualTo(2);
    assertThat(late[1]).as("bytes sent by Redis").isLessThan(early[1] + 64).isLessThan(2_000);
    assertThat(late[2]).as("bytes sent to Redis").isLessThan(early[2] + 64);
  }

  private void sayOften(int times) {
    for (int i = 0; i < times; i++) {
      one.say("s", "a question of some length, which is always the same", "and its answer");
    }
  }

  /** What a turn costs alone: now and then the index is written beside it, or Redis tried out. */
  private long[] cheapest() {
    long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    for (int i = 0; i < 5; i++) {
      one.indexed();
      long[] before = traffic();
      sayOften(1);
      long[] cost = since(before);
      for (int each = 0; each < least.length; each++) {
        least[each] = Math.min(least[each], cost[each]);
      }
    }
    return least;
  }

  @Test
  @DisplayName("has at hand under which keys the turns were begun that another instance stored")
  void keysOfOthers() {
    IdempotencyKey key = new IdempotencyKey("wish");
    BeginTurn first = one.turn("s", "one").under(key);
    one.seal(first, one.granted(first).lease(), "eins");

    other.granted(other.turn("s", "two"));

    MemorySession copy = other.atHand.find("default:s").orElseThrow();
    assertThat(copy.known(other.turn("s", "one").under(key)))
        .get()
        .isInstanceOf(SessionStore.Known.Ended.class);
    assertThatThrownBy(() -> copy.known(other.turn("s", "another").under(key)))
        .isInstanceOf(FaultException.class);
  }

  private static List<String> said(SessionStore.Begun.Granted granted) {
    return granted.history().stream().map(ChatMessage::content).toList();
  }

  /** A turn that was answered where Redis could not be reached. */
  private void takeIn(BeginTurn turn, String answer) {
    try (RedisFixture elsewhere = new RedisFixture(redis, new JsonObject(), "elsewhere")) {
      elsewhere.seal(turn, elsewhere.granted(turn).lease(), answer);
      MemorySession session = elsewhere.atHand.find("default:s").orElseThrow();
      RedisMerge merge = new RedisMerge(
          SessionConfig.from(new JsonObject()),
          new RedisSteps(one.link, one.keys),
          one.index,
          one.store,
          one.catalog,
          one.random);
      StoreFixture.get(merge.offer(session.acknowledged(0), new MergeTarget.Terms(false, false)));
    }
  }

  private BeginTurn afterCancel(String text) {
    MemorySession copy = one.atHand.find("default:s").orElseThrow();
    BeginTurn pending = copy.pending().begin();
    assertThat(StoreFixture.get(one.store.cancel(TurnKey.of(pending)))).isTrue();
    return other.turn("s", text);
  }

  private void open(JsonObject config) {
    if (one != null) {
      close();
    }
    one = new RedisFixture(redis, config, "one");
    other = one.another("other");
  }

  private static void assertBusy(RedisFixture instance, String text) {
    assertThat(instance.begin(instance.turn("s", text)))
        .isInstanceOf(SessionStore.Begun.Busy.class);
  }

  private void assertAllExpire() {
    Response found =
        one.send(Command.SCAN, 0, "MATCH", one.keys.pattern(), "COUNT", 100_000).get(1);
    assertThat(found).isNotEmpty();
    for (Response key : found) {
      assertThat(ttl(key.toString())).as(key.toString()).isPositive();
    }
  }

  private long ttl(String key) {
    return one.send(Command.PTTL, key).toLong();
  }

  /** Scripts that were run, bytes that Redis sent, bytes that it got; and how long this answer of it was. */
  private long[] traffic() {
    String info = one.send(Command.INFO, "all").toString();
    return new long[] {
      number(info, "cmdstat_evalsha:calls=(\\d+)"),
      number(info, "total_net_output_bytes:(\\d+)"),
      number(info, "total_net_input_bytes:(\\d+)"),
      info.length()
    };
  }

  private long[] since(long[] before) {
    long[] now = traffic();
    return new long[] {now[0] - before[0], now[1] - before[1] - before[3], now[2] - before[2]};
  }

  private static long number(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1));
  }
}
