# An OPC UA server for tests: user mw, password mw-secret; None and Basic256Sha256.
# python asyncua_server.py PORT CERTIFICATE.der KEY.pem [PAD [COUNTER_ID [HISTORY]]]
# plant/say: a number that is written there raises an event of that severity; plant/hot: true makes an alarm active.
import asyncio, logging, signal, sys
from datetime import datetime, timezone
from asyncua import Server, ua
from asyncua.common.structures104 import new_struct, new_struct_field
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager

logging.basicConfig(level=logging.WARNING)


class Users(UserManager):
    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username == "mw" and password == "mw-secret":
            return User(role=UserRole.Admin, name=username)
        return None


def now_with(value, kind):
    # without a time of its own a value cannot be read from the history
    time = datetime.now(timezone.utc)
    return ua.DataValue(ua.Variant(value, kind), SourceTimestamp=time, ServerTimestamp=time)


async def add_writable(plant, ns):
    """Nodes to write to; toPicky holds fractions though its type says whole numbers, so that it refuses them itself."""
    for kind, value in [("Boolean", False), ("Byte", 0), ("Int16", 0), ("UInt32", 0), ("Float", 0.0), ("Double", 0.0)]:
        name = f"to{kind}"
        node = await plant.add_variable(ua.NodeId(name, ns), ua.QualifiedName(name, ns), value, ua.VariantType[kind])
        await node.set_writable()
    picky = await plant.add_variable(ua.NodeId("toPicky", ns), ua.QualifiedName("toPicky", ns), 0.0)
    await picky.set_writable()
    await picky.write_attribute(ua.AttributeIds.DataType, ua.DataValue(ua.NodeId(ua.ObjectIds.Int16)))
    for name, value in [("text", "a"), ("spectrum", [1.0, 2.0])]:
        await (await plant.add_variable(ua.NodeId(name, ns), ua.QualifiedName(name, ns), value)).set_writable()


class Bell:
    """Events of the plant, by what is written to two of its nodes."""

    async def open(self, server, plant, ns):
        add = plant.add_variable
        self.say = await add(ua.NodeId("say", ns), ua.QualifiedName("say", ns), 0, ua.VariantType.UInt16)
        self.hot = await add(ua.NodeId("hot", ns), ua.QualifiedName("hot", ns), False)
        for node in (self.say, self.hot):
            await node.set_writable()
        self.said, self.was_hot = 0, False
        self.event = await server.get_event_generator(ua.ObjectIds.BaseEventType, plant)
        self.alarm = await server.get_event_generator(ua.ObjectIds.OffNormalAlarmType, plant)
        alarm = self.alarm.event
        alarm.NodeId, alarm.ConditionName, alarm.Severity = ua.NodeId("hotAlarm", ns), "hot", 700
        setattr(alarm, "AckedState/Id", False)
        # the generator says UtcTime here, which cannot be written
        alarm.data_types["ActiveState/TransitionTime"] = ua.VariantType.DateTime

    async def look(self):
        said, hot = await self.say.read_value(), await self.hot.read_value()
        if said != self.said:
            self.said = self.event.event.Severity = said
            await self.event.trigger(message=f"said {said}")
        if hot != self.was_hot:
            self.was_hot = self.alarm.event.Retain = hot
            setattr(self.alarm.event, "ActiveState/Id", hot)
            setattr(self.alarm.event, "ActiveState/TransitionTime", datetime.now(timezone.utc))
            await self.alarm.trigger(message="it is hot" if hot else "it was hot")


async def main():
    port, certificate, key = sys.argv[1:4]
    pad = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    counter_id = sys.argv[5] if len(sys.argv) > 5 else "counter"
    keeps_history = len(sys.argv) > 6
    server = Server(user_manager=Users())
    server.iserver.bind_condition_methods = True
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/mw/")
    await server.set_application_uri("urn:mw:test:asyncua")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    await server.load_certificate(certificate)
    await server.load_private_key(key)
    for i in range(pad):
        await server.register_namespace(f"urn:pad:{i}")
    ns = await server.register_namespace("urn:mw:plant")
    fields = [
        new_struct_field("rms", ua.VariantType.Double),
        new_struct_field("peak", ua.VariantType.Double),
        new_struct_field("count", ua.VariantType.UInt32),
    ]
    vibration, _ = await new_struct(server, ns, "Vibration", fields)
    await server.load_data_type_definitions()
    plant = await server.nodes.objects.add_object(ua.NodeId("plant", ns), ua.QualifiedName("plant", ns))
    counter = await plant.add_variable(ua.NodeId(counter_id, ns), ua.QualifiedName("counter", ns), 0, ua.VariantType.UInt32)
    value = ua.Variant(ua.Vibration(rms=1.0, peak=2.0, count=3), ua.VariantType.ExtensionObject)
    vib = await plant.add_variable(ua.NodeId("vib", ns), ua.QualifiedName("vib", ns), value, datatype=vibration.nodeid)
    setpoint = await plant.add_variable(ua.NodeId("setpoint", ns), ua.QualifiedName("setpoint", ns), 1.5)
    await setpoint.set_writable()
    await add_writable(plant, ns)
    bell = Bell()
    await bell.open(server, plant, ns)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with server:
        await server.write_attribute_value(counter.nodeid, now_with(0, ua.VariantType.UInt32))
        if keeps_history:
            await server.historize_node_data_change(counter, period=None, count=100_000)
        print(f"READY ns={ns}", flush=True)
        i = 0
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not stop.is_set():
            i += 1
            await server.write_attribute_value(counter.nodeid, now_with(i, ua.VariantType.UInt32))
            if i % 10 == 0:
                value = ua.Vibration(rms=i * 0.5, peak=i * 1.0, count=i)
                await server.write_attribute_value(vib.nodeid, now_with(value, ua.VariantType.ExtensionObject))
            await bell.look()
            due += 0.01
            await asyncio.sleep(max(0, due - loop.time()))


asyncio.run(main())
