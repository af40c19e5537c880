title: Test
name: x
