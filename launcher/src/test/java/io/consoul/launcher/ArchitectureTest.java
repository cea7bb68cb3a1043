package io.consoul.launcher;

import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.VerticleBase;
import java.util.Arrays;

/** The rules of the house that a compiler does not know. */
@AnalyzeClasses(
    packages = "io.consoul",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.Product.class})
class ArchitectureTest {

  /** The testkit stands on the class path of the tests, but is not part of the product. */
  static final class Product implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/testkit/");
    }
  }

  private static final String[] VERTICLES = {
    "io.consoul.gateway..", "io.consoul.session..", "io.consoul.provider..", "io.consoul.gc.."
  };

  @ArchTest
  static final ArchRule gatewaySeesNoOther = alone("io.consoul.gateway..");

  @ArchTest
  static final ArchRule sessionSeesNoOther = alone("io.consoul.session..");

  @ArchTest
  static final ArchRule providerSeesNoOther = alone("io.consoul.provider..");

  @ArchTest
  static final ArchRule gcSeesNoOther = alone("io.consoul.gc..");

  @ArchTest
  static final ArchRule messageApiSeesNoVerticle = noClasses()
      .that()
      .resideInAnyPackage(
          "io.consoul.message..",
          "io.consoul.fault..",
          "io.consoul.config..",
          "io.consoul.node..",
          "io.consoul.trace..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(VERTICLES)
      .orShould()
      .dependOnClassesThat()
      .resideInAPackage("io.consoul.redis..");

  @ArchTest
  static final ArchRule redisLinkSeesNoVerticle = noClasses()
      .that()
      .resideInAPackage("io.consoul.redis..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(VERTICLES);

  @ArchTest
  static final ArchRule whoeverHasNoRedisSeesNoRedisClient = noClasses()
      .that()
      .resideOutsideOfPackages(
          "io.consoul.redis..", "io.consoul.session..", "io.consoul.gateway.limit..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("io.vertx.redis..");

  @ArchTest
  static final ArchRule onlyTheRedisLinkConnects = noClasses()
      .that()
      .resideOutsideOfPackage("io.consoul.redis..")
      .should()
      .dependOnClassesThat()
      .belongToAnyOf(io.vertx.redis.client.Redis.class);

  @ArchTest
  static final ArchRule onlyTheLauncherReadsTheEnvironment = noClasses()
      .that()
      .resideOutsideOfPackage("io.consoul.launcher..")
      .should()
      .callMethod(System.class, "getenv")
      .orShould()
      .callMethod(System.class, "getenv", String.class)
      .orShould()
      .callMethod(System.class, "getProperty", String.class);

  @ArchTest
  static final ArchRule onlyTheLauncherEndsTheProcess = noClasses()
      .that()
      .resideOutsideOfPackage("io.consoul.launcher..")
      .should()
      .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule nothingStaticChanges = fields()
      .that()
      .haveModifier(STATIC)
      .and()
      .doNotHaveName("$VALUES")
      .should()
      .haveModifier(FINAL);

  @ArchTest
  static final ArchRule classesAreNamedAfterTheirJob = noClasses()
      .should()
      .haveSimpleNameEndingWith("Util")
      .orShould()
      .haveSimpleNameEndingWith("Utils")
      .orShould()
      .haveSimpleNameEndingWith("Helper")
      .orShould()
      .haveSimpleNameEndingWith("Manager")
      .orShould()
      .haveSimpleNameEndingWith("Impl");

  @ArchTest
  static final ArchRule noDrawers = noClasses()
      .should()
      .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..helper..");

  @ArchTest
  static final ArchRule verticlesAreNamedSo = classes()
      .that()
      .areAssignableTo(VerticleBase.class)
      .should()
      .haveSimpleNameEndingWith("Verticle");

  private static ArchRule alone(String own) {
    String[] others =
        Arrays.stream(VERTICLES).filter(name -> !name.equals(own)).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(own)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others);
  }
}
