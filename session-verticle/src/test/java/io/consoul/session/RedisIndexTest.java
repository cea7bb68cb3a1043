package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.consoul.message.Owner;
import io.consoul.message.Tenant;
import io.consoul.testkit.LoggedBy;
import io.consoul.testkit.RedisServer;
import io.consoul.trace.RequestContext;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("The index of the sessions in Redis")
class RedisIndexTest {

  private static final String S = "default:s";

  private RedisServer server;
  private RedisGround ground;
  private RedisIndex index;

  @BeforeEach
  void open() {
    server = RedisServer.start("--save", "");
    ground = new RedisGround(server);
    index = ground.index;
  }

  @AfterEach
  void close() {
    ground.close();
    server.close();
  }

  @Test
  @DisplayName("is written by itself a moment later, however much happened to a session once")
  void bunches() {
    ground.run(() -> {
      for (int i = 0; i < 1_000; i++) {
        index.stored(RedisGround.listed("s" + i % 10), 100 + i % 10, 1_000 + i);
        index.running(Tenant.DEFAULT, RedisGround.id("s" + i % 10), 2_000 + i);
      }
    });

    await().until(() -> ground.members(ground.keys.running()).size() == 10);
    written(); // behind what is on its way
    assertThat(ground.members(ground.keys.index())).hasSize(10);
    assertThat(ground.score(ground.keys.index(), "default:s3")).isEqualTo(1_993);
    assertThat(ground.score(ground.keys.running(), "default:s3")).isEqualTo(2_993);
    assertThat(ground.members(ground.keys.list(RedisGround.LIST)))
        .as("the newest first")
        .containsExactly("s9", "s8", "s7", "s6", "s5", "s4", "s3", "s2", "s1", "s0");
    assertThat(ground.calls("zadd")).as("one command for each sorted set").isEqualTo(3);
  }

  @Test
  @DisplayName("writes nothing of a turn that is over at once")
  void shortTurn() {
    ground.run(() -> {
      index.running(Tenant.DEFAULT, RedisGround.id("s"), 1_000);
      index.idle(Tenant.DEFAULT, RedisGround.id("s"));
    });
    written();

    assertThat(ground.calls("zadd") + ground.calls("zrem")).isZero();
  }

  @Test
  @DisplayName(
      "forgets a turn that is over, also when it was renewed at the last moment or by another instance")
  void longTurn() {
    running(1_000);
    assertThat(ground.members(ground.keys.running())).containsExactly(S);
    ground.run(() -> {
      index.running(Tenant.DEFAULT, RedisGround.id("s"), 2_000);
      index.idle(Tenant.DEFAULT, RedisGround.id("s"));
    });
    written();
    assertThat(ground.members(ground.keys.running())).isEmpty();

    running(1_000);
    RedisIndex other = new RedisIndex(ground.vertx, ground.redis, ground.keys);
    ground.get(() -> {
      other.idle(Tenant.DEFAULT, RedisGround.id("s"));
      other.running(Tenant.DEFAULT, RedisGround.id("s"), 3_000);
      other.idle(Tenant.DEFAULT, RedisGround.id("s"));
      return other.flush();
    });
    assertThat(ground.members(ground.keys.running())).isEmpty();
  }

  @Test
  @DisplayName("keeps the turn that began after another one of its session was over")
  void nextTurn() {
    running(1_000);
    ground.run(() -> {
      index.idle(Tenant.DEFAULT, RedisGround.id("s"));
      index.running(Tenant.DEFAULT, RedisGround.id("s"), 3_000);
    });
    written();

    assertThat(ground.score(ground.keys.running(), S)).isEqualTo(3_000);
  }

  @Test
  @DisplayName("forgets a session that is gone, and not the one that was made after it")
  void gone() {
    ground.run(() -> index.stored(RedisGround.listed("s"), 1, 1_000));
    running(1_000);
    ground.run(() -> index.gone(RedisGround.listed("s")));
    written();
    assertThat(ground.members(ground.keys.index())).isEmpty();
    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).isEmpty();
    assertThat(ground.members(ground.keys.running())).isEmpty();

    ground.run(() -> {
      index.gone(RedisGround.listed("s"));
      index.stored(RedisGround.listed("s"), 2, 2_000);
    });
    written();
    assertThat(ground.score(ground.keys.index(), S)).isEqualTo(2_000);
  }

  @Test
  @DisplayName(
      "takes a session from the list that it is gone from to that in which it was made again")
  void madeInAnotherList() {
    ListedSession one = listed("key-1");
    ListedSession other = listed("key-2");
    ground.run(() -> index.stored(one, 1, 1_000));
    written();
    ground.run(() -> {
      index.gone(one);
      index.stored(other, 2, 2_000);
    });
    written();

    assertThat(ground.members(ground.keys.index())).containsExactly("default.key-2:s");
    assertThat(ground.members(ground.keys.list(one.list()))).isEmpty();
    assertThat(ground.members(ground.keys.list(other.list()))).containsExactly("s");
    ground.run(() -> {
      index.gone(other);
      index.stored(one, 3, 3_000);
      index.gone(one);
    });
    written();
    assertThat(ground.members(ground.keys.index())).isEmpty();
    assertThat(ground.members(ground.keys.list(other.list()))).isEmpty();
  }

  private static ListedSession listed(String owner) {
    return new ListedSession(new ListName(Tenant.DEFAULT, new Owner(owner)), RedisGround.id("s"));
  }

  @Test
  @DisplayName("drops the oldest of too many changes, and warns once")
  void bounded() {
    try (LoggedBy<RedisIndex> log = new LoggedBy<>(RedisIndex.class)) {
      ground.run(() -> IntStream.range(0, 10_005)
          .forEach(i -> index.stored(RedisGround.listed("s%05d".formatted(i)), i, i)));
      written();

      assertThat(ground.members(ground.keys.index()))
          .hasSize(10_000)
          .startsWith("default:s00005")
          .endsWith("default:s10004");
      assertThat(log.lines()).hasSize(1);
    }
  }

  @Test
  @DisplayName("does without what could not be written, and warns once")
  void outage() {
    try (LoggedBy<RedisIndex> log = new LoggedBy<>(RedisIndex.class)) {
      server.kill();
      for (int i = 0; i < 3; i++) {
        running(1_000 + i);
      }

      assertThat(log.lines()).hasSize(1);
    }
    server.restart();
  }

  @Test
  @DisplayName("is written by itself as nobody's request, whoever was the first to change it")
  void nobodys() {
    List<String> requests = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent warning) {
        requests.add(RequestContext.current().requestId());
      }
    };
    Logger logger = (Logger) LoggerFactory.getLogger(RedisIndex.class);
    appender.start();
    logger.addAppender(appender);
    try {
      server.kill();
      ground.run(() -> RequestContext.of("r-1", Span.getInvalid())
          .run(() -> index.running(Tenant.DEFAULT, RedisGround.id("s"), 1_000)));
      await().until(() -> !requests.isEmpty());
    } finally {
      logger.detachAppender(appender);
    }
    assertThat(requests).containsExactly("");
    server.restart();
  }

  private void running(long leaseEnd) {
    ground.run(() -> index.running(Tenant.DEFAULT, RedisGround.id("s"), leaseEnd));
    written();
  }

  private void written() {
    ground.get(index::flush);
  }
}
